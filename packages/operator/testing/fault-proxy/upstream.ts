import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Readable } from 'node:stream';

/** A request as the client sent it. */
export interface Incoming extends Readable {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** About one connection, not about what it carries. */
const ofTheHop = new Set([
  'connection',
  'host',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
]);

/** Headers that go on to the other side, HTTP/2's own apart. */
export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !ofTheHop.has(name)));
}

/** The server behind the proxy, over HTTP/1.1. */
export class Upstream {
  readonly #server: URL;
  readonly #agent: Agent;

  /** @param ca PEM, of whoever vouches for the server */
  constructor(server: string, ca: string) {
    this.#server = new URL(server);
    this.#agent = new Agent({ keepAlive: true, ca });
  }

  /** @returns the answer once its head has come; throws when the server cannot be reached or `signal` aborts */
  send(incoming: Incoming, signal: AbortSignal): Promise<IncomingMessage> {
    const { hostname, port } = this.#server;
    const { method, url, headers } = incoming;
    const options = { hostname, port, method, path: url, headers: passedOn(headers), agent: this.#agent, signal };
    return new Promise((resolve, reject) => {
      const sent = request(options, resolve).on('error', reject);
      incoming.on('error', reject).pipe(sent);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
