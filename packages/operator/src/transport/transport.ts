import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, isDisruptionBudget, refusal } from '../api-error.ts';
import type { Connection } from './connection.ts';
import { Credentials } from './credentials.ts';
import { Http1Wire } from './http1-wire.ts';
import { Http2Wire } from './http2-wire.ts';
import { observed, type RequestObserver } from './observed.ts';
import { LostConnection, type Reply, type Wire } from './wire.ts';

export interface Request {
  /** What is asked, for errors. */
  readonly call: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  readonly userAgent?: string;
  /** How long a call may take with all its retries; watches are not bound by it. */
  readonly deadlineMs?: number;
  /** A watch that tells nothing for so long is taken for dead; servers send bookmarks about once a minute. */
  readonly silenceMs?: number;
  /** Told of each HTTP request, retries and watches among them. */
  readonly observe?: RequestObserver;
  /** An HTTP/2 connection that told nothing for so long is asked whether it lives. */
  readonly pingMs?: number;
  /** One that does not answer for so long is torn down: its calls fail, its watches end. */
  readonly pingDeadlineMs?: number;
}

const defaultDeadlineMs = 30_000;
const defaultSilenceMs = 90_000;

/** With these a half-open connection is noticed within 15 s: it may have told something just before it broke. */
const defaultPingMs = 5000;
const defaultPingDeadlineMs = 5000;

/** A server that is too busy is asked so many times more before the caller is told. */
const maxRetries = 4;

/** Calls and watches to one API server. */
export class Transport {
  readonly #host: string;
  readonly #path: string;
  readonly #wire: Wire;
  readonly #credentials: Credentials;
  readonly #userAgent: string;
  readonly #deadlineMs: number;
  readonly #silenceMs: number;
  readonly #observe: RequestObserver | undefined;

  constructor(connection: Connection, options: TransportOptions = {}) {
    const { protocol, host, pathname } = new URL(connection.server);
    this.#host = host;
    this.#path = pathname.replace(/\/$/, '');
    this.#credentials = new Credentials(connection);
    this.#userAgent = options.userAgent ?? 'dot-kube-operator';
    this.#deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
    this.#silenceMs = options.silenceMs ?? defaultSilenceMs;
    this.#observe = options.observe;
    const { pingMs = defaultPingMs, pingDeadlineMs = defaultPingDeadlineMs } = options;
    this.#wire =
      protocol === 'http:' ? new Http1Wire(connection) : new Http2Wire(connection, { pingMs, pingDeadlineMs });
  }

  /** Ends idle connections; those in use end with their calls. */
  close(): void {
    this.#wire.close();
  }

  /**
   * One call, its answer parsed. A server that asks to wait is waited for, within the deadline. What a broken connection
   * leaves open is repeated once where it is a read; writes only when the server says that it did not begin with them.
   * @throws ApiError for refusals, lost connections (code 0) and `Timeout`; the signal's reason when it aborts
   */
  async call(request: Request): Promise<unknown> {
    const endsAt = performance.now() + this.#deadlineMs;
    // Not AbortSignal.timeout: that is kept until its time has come, long after most calls have ended.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.#deadlineMs);
    const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal]);
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          const reply = await this.#send(request, signal);
          return answerOf(request, reply, await textOf(reply));
        } catch (error) {
          const waitMs = this.#repeatAfterMs(request, error, tries);
          if (waitMs === undefined || performance.now() + waitMs >= endsAt || signal.aborted) throw error;
          await wait(waitMs, undefined, { signal });
        }
      }
    } catch (error) {
      request.signal?.throwIfAborted();
      if (deadline.signal.aborted) throw refusal(request.call, 504, 'Timeout', `no answer in ${this.#deadlineMs} ms`);
      throw told(request, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The lines of an endless answer. Ends when the server ends it, or `request.signal` aborts.
   * @throws ApiError for refusals, lost connections (code 0), and silence for too long (`Timeout`)
   */
  async *lines(request: Request): AsyncGenerator<string> {
    const silence = new AbortController();
    const signal = request.signal === undefined ? silence.signal : AbortSignal.any([request.signal, silence.signal]);
    const watchdog = setTimeout(() => silence.abort(), this.#silenceMs);
    try {
      const reply = await this.#send(request, signal);
      if (reply.status !== 200) answerOf(request, reply, await textOf(reply));
      let rest = '';
      for await (const chunk of reply.body) {
        watchdog.refresh();
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line !== '') yield line;
      }
      if (rest !== '') yield rest;
    } catch (error) {
      if (request.signal?.aborted) return;
      if (silence.signal.aborted)
        throw refusal(request.call, 504, 'Timeout', `the server was silent for ${this.#silenceMs} ms`);
      throw told(request, error);
    } finally {
      clearTimeout(watchdog);
      silence.abort();
    }
  }

  /** @returns undefined when the call is not to be repeated */
  #repeatAfterMs({ method }: Request, error: unknown, tries: number): number | undefined {
    const isRead = method === 'GET';
    if (error instanceof LostConnection) {
      const isSafe = error.fate === 'refused' || (error.fate === 'unknown' && isRead);
      return tries === 1 && isSafe ? 0 : undefined;
    }
    if (!(error instanceof ApiError)) return undefined;
    if (error.code === 401) return tries === 1 && this.#credentials.refresh() ? 0 : undefined;
    // The server counts a call that it answers with 429 as not begun, whatever the method.
    const isSafe = error.code === 429 ? !isDisruptionBudget(error) : error.code >= 500 && isRead;
    return tries <= maxRetries && isSafe ? error.retryAfterMs : undefined;
  }

  async #send(request: Request, signal: AbortSignal): Promise<Reply> {
    const authorization = await this.#credentials.authorization();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const { method } = request;
    const send = (): Promise<Reply> =>
      this.#wire.send({
        method,
        path: `${this.#path}${request.path}${queryOf(request)}`,
        headers: {
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...(authorization !== undefined && { authorization }),
          ...(body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
        },
        body,
        signal,
      });
    return observed(this.#observe, { method, host: this.#host }, send, ({ status }) => status);
  }
}

/** What the caller is told of an error that is not yet an answer to its call. */
function told({ call }: Request, error: unknown): unknown {
  if (!(error instanceof LostConnection)) return error;
  return refusal(call, 0, 'ServiceUnavailable', error.message, { cause: error });
}

function queryOf({ query = {} }: Request): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

async function textOf({ body }: Reply): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}

/** What a refusal's body holds, as far as we look. */
interface Status {
  kind?: string;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

function answerOf({ call }: Request, { status: code, headers }: Reply, text: string): unknown {
  const parsed = parse(text);
  if (code >= 200 && code < 300) {
    if (parsed === undefined) throw refusal(call, code, 'Unknown', 'the answer is not JSON');
    return parsed;
  }
  const status = (parsed as Status | undefined)?.kind === 'Status' ? (parsed as Status) : undefined;
  const seconds = Number(headers['retry-after'] ?? status?.details?.retryAfterSeconds ?? NaN);
  throw refusal(call, code, status?.reason ?? 'Unknown', status?.message ?? text.trim().slice(0, 500), {
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
    ...(status?.details?.causes && { causes: status.details.causes }),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
