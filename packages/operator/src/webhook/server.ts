import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { aborted } from '../controller-runner.ts';
import type { ServingCertificate } from './certificates/serving-certificate.ts';
import { readBody, BodyTooLong } from './read-body.ts';
import { MalformedReview, parseReview } from './review/admission-request.ts';
import type { Handler } from './review/handler.ts';
import { review } from './review/review.ts';
import { deadlineOf } from './deadline.ts';

export interface WebhookServerOptions {
  readonly handlers: readonly Handler[];
  readonly port: number;
  readonly host?: string | undefined;
  readonly maxBodyBytes: number;
  /** How long reviews that run when the server stops may still take. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WebhookServer {
  /** The certificate to be shown to those who connect from now on; present connections stay. */
  use(certificate: ServingCertificate): void;
  /** The port, once the server listens. */
  readonly listening: Promise<number>;
  /**
   * Serves from the first certificate on until `signal` aborts; resolves when the last answer has been given.
   * @throws when it can't listen
   */
  run(signal: AbortSignal): Promise<void>;
}

/** Go's clients keep idle connections for 90 s. Who closes first must not be us, or a review meets a closing socket. */
const keepAliveMs = 120_000;

/** A client may take so long for its handshake, and so long again for its request. */
const clientMs = 10_000;

const maxConnections = 1000;

/** Answers AdmissionReviews over HTTPS, one handler a path. */
export function webhookServer(options: WebhookServerOptions): WebhookServer {
  const { handlers, port, host, maxBodyBytes, graceMs, clock, log } = options;
  const byPath = new Map(handlers.map((handler) => [handler.path, handler]));
  if (byPath.size < handlers.length) throw new Error('two webhook handlers have the same path');
  const listening = Promise.withResolvers<number>();
  const certified = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  let shown: ServingCertificate | undefined;
  let stopping = false;

  /** What to answer. What it throws becomes a status. */
  const answer = async (request: IncomingMessage, signal: AbortSignal): Promise<object> => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const handler = byPath.get(path);
    if (handler === undefined) throw new Refusal(404, 'no webhook here');
    if (request.method !== 'POST') throw new Refusal(405, 'POST an AdmissionReview');
    const admission = parseReview(await readBody(request, maxBodyBytes));
    const deadlineMs = deadlineOf(handler.deadlineMs, new URLSearchParams(query).get('timeout'));
    const response = await review(handler, admission, { clock, log, deadlineMs, signal });
    return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the API server hung up')));
    const reply = (status: number, type: string, body: string, last: boolean) =>
      response
        .writeHead(status, { 'content-type': type, ...((last || stopping) && { connection: 'close' }) })
        .end(body);
    try {
      reply(200, 'application/json', JSON.stringify(await answer(request, gone.signal)), false);
    } catch (error) {
      log.warn({ err: error, path: request.url }, 'Refused a request');
      // What is left of a request that was refused is not read, so its connection is of no more use.
      reply(statusOf(error), 'text/plain', `${(error as Error).message}\n`, true);
    }
  };

  const server = createServer({ handshakeTimeout: clientMs }, (request, response) => void serve(request, response));
  server.keepAliveTimeout = keepAliveMs;
  server.requestTimeout = clientMs;
  server.maxConnections = maxConnections;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error) => log.debug({ err: error }, 'A client did not get through its handshake'));

  return {
    listening: listening.promise,
    use(certificate) {
      if (certificate.certificate === shown?.certificate) return;
      server.setSecureContext({ cert: certificate.certificate, key: certificate.key, minVersion: 'TLSv1.2' });
      shown = certificate;
      certified.resolve();
    },
    async run(signal) {
      await Promise.race([certified.promise, aborted(signal)]);
      if (signal.aborted) return;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, host, resolve);
      });
      listening.resolve((server.address() as AddressInfo).port);
      await aborted(signal);
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const cancel = clock.timer(graceMs, () => sockets.forEach((socket) => socket.destroy()));
      await closed;
      cancel();
    },
  };
}

/** A request that is no review. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.status;
  if (error instanceof BodyTooLong) return 413;
  return error instanceof MalformedReview ? 400 : 500;
}
