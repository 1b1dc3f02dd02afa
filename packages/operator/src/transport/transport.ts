import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError } from '../api-error.ts';
import type { Connection } from './connection.ts';
import { Credentials } from './credentials.ts';
import { observed, type RequestObserver } from './observed.ts';

export interface Request {
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
}

const defaultDeadlineMs = 30_000;
const defaultSilenceMs = 90_000;

/** Connections to the server at a time, watches among them; further calls wait for one. */
const maxConnections = 64;

/** A server that is too busy is asked so many times more before the caller is told. */
const maxRetries = 4;

/** TCP looks after a silent connection after so long. */
const keepAliveMs = 15_000;

/** HTTP to one API server over connections that are kept open. */
export class Transport {
  readonly #base: URL;
  readonly #agent: http.Agent;
  readonly #credentials: Credentials;
  readonly #userAgent: string;
  readonly #deadlineMs: number;
  readonly #silenceMs: number;
  readonly #observe: RequestObserver | undefined;

  constructor(connection: Connection, options: TransportOptions = {}) {
    this.#base = new URL(connection.server);
    this.#credentials = new Credentials(connection);
    this.#userAgent = options.userAgent ?? 'dot-kube-operator';
    this.#deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
    this.#silenceMs = options.silenceMs ?? defaultSilenceMs;
    this.#observe = options.observe;
    const shared = { keepAlive: true, keepAliveMsecs: keepAliveMs, maxSockets: maxConnections, maxFreeSockets: 8 };
    const { ca, serverName, clientCertificate } = connection;
    this.#agent =
      this.#base.protocol === 'http:'
        ? new http.Agent(shared)
        : new https.Agent({
            ...shared,
            ...(ca !== undefined && { ca }),
            ...(serverName !== undefined && { servername: serverName }),
            ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
          });
  }

  /** Ends idle connections; those in use end with their calls. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * One call, its answer parsed. A server that asks to wait is waited for; a read that met a connection which the
   * server was just closing is repeated. Writes are not: they may have been done.
   * @throws ApiError for refusals, lost connections (code 0) and `Timeout`; the signal's reason when it aborts
   */
  async call(request: Request): Promise<unknown> {
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
    try {
      for (let retries = 0; ; retries += 1) {
        try {
          const response = await this.#send(request, signal);
          const text = await textOf(response);
          return answerOf(request, response, text);
        } catch (error) {
          if (retries >= maxRetries || !(await this.#mayRetry(request, error, retries, signal))) throw error;
        }
      }
    } catch (error) {
      request.signal?.throwIfAborted();
      if (deadline.aborted) throw new ApiError(504, 'Timeout', `${told(request)}: no answer in ${this.#deadlineMs} ms`);
      throw error;
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
      const response = await this.#send(request, signal);
      if (response.statusCode !== 200) answerOf(request, response, await textOf(response));
      response.setEncoding('utf8');
      let rest = '';
      for await (const chunk of response as AsyncIterable<string>) {
        watchdog.refresh();
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line !== '') yield line;
      }
      if (rest !== '') yield rest;
    } catch (error) {
      if (request.signal?.aborted) return;
      if (silence.signal.aborted)
        throw new ApiError(504, 'Timeout', `${told(request)}: silent for ${this.#silenceMs} ms`);
      throw error instanceof ApiError ? error : lost(request, error);
    } finally {
      clearTimeout(watchdog);
      silence.abort();
    }
  }

  /** @returns the response once its head has come */
  async #send(request: Request, signal: AbortSignal): Promise<http.IncomingMessage> {
    const authorization = await this.#credentials.authorization();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const { hostname, port, protocol } = this.#base;
    const options: https.RequestOptions = {
      protocol,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      method: request.method,
      path: `${this.#base.pathname.replace(/\/$/, '')}${request.path}${queryOf(request)}`,
      agent: this.#agent,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && {
          'content-type': request.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    };
    const send = () =>
      new Promise<http.IncomingMessage>((resolve, reject) => {
        const sent = (protocol === 'http:' ? http : https).request(options, resolve);
        sent.on('error', (error) => {
          reject(signal.aborted ? error : lost(request, error, sent.reusedSocket));
        });
        sent.end(body);
      });
    return observed(
      this.#observe,
      { method: request.method, host: this.#base.host },
      send,
      ({ statusCode }) => statusCode,
    );
  }

  async #mayRetry({ method }: Request, error: unknown, retries: number, signal: AbortSignal): Promise<boolean> {
    if (!(error instanceof ApiError) || signal.aborted) return false;
    if (error.code === 401) return retries === 0 && this.#credentials.refresh();
    if (error.code === 0)
      return method === 'GET' && error instanceof LostConnection && error.wasReused && retries === 0;
    // The server counts a call that it answers with 429 as not begun, whatever the method.
    const asked = error.code === 429 || (error.code === 503 && method === 'GET');
    if (!asked || error.retryAfterMs === undefined) return false;
    await wait(error.retryAfterMs, undefined, { signal });
    return true;
  }
}

/** No answer came over a connection; a write may have been done or not. */
class LostConnection extends ApiError {
  readonly wasReused: boolean;

  constructor(message: string, cause: unknown, wasReused: boolean) {
    super(0, 'ServiceUnavailable', message, { cause });
    this.wasReused = wasReused;
  }
}

function lost(request: Request, cause: unknown, wasReused = false): LostConnection {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LostConnection(`${told(request)}: ${why}`, cause, wasReused);
}

const told = ({ method, path }: Request) => `${method} ${path}`;

function queryOf({ query = {} }: Request): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response as AsyncIterable<string>) text += chunk;
  return text;
}

/** What a refusal's body holds, as far as we look. */
interface Status {
  kind?: string;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number };
}

function answerOf(request: Request, response: http.IncomingMessage, text: string): unknown {
  const code = response.statusCode ?? 0;
  const parsed = parse(text);
  if (code >= 200 && code < 300) {
    if (parsed === undefined) throw new ApiError(code, 'Unknown', `${told(request)}: the answer is not JSON`);
    return parsed;
  }
  const status = (parsed as Status | undefined)?.kind === 'Status' ? (parsed as Status) : undefined;
  const seconds = Number(response.headers['retry-after'] ?? status?.details?.retryAfterSeconds ?? NaN);
  const message = status?.message ?? text.trim().slice(0, 500);
  throw new ApiError(code, status?.reason ?? 'Unknown', `${told(request)}: ${code} ${message}`, {
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
