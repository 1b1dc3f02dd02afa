import http from 'node:http';
import https from 'node:https';
import { addressOf, tlsOptionsOf } from './address.ts';
import type { Connection } from './connection.ts';
import { LostConnection, type Outgoing, type Reply, type Wire } from './wire.ts';

/** Connections to the server at a time, watches among them; further calls wait for one. */
const maxConnections = 64;
const maxIdleConnections = 8;

/** TCP looks after a silent connection after so long. */
const keepAliveMs = 15_000;

/** HTTP/1.1 over connections that are kept open: one call or watch on each at a time. */
export class Http1Wire implements Wire {
  readonly #base: URL;
  readonly #agent: http.Agent;

  constructor(connection: Connection) {
    this.#base = new URL(connection.server);
    const shared = {
      keepAlive: true,
      keepAliveMsecs: keepAliveMs,
      maxSockets: maxConnections,
      maxFreeSockets: maxIdleConnections,
    };
    this.#agent =
      this.#base.protocol === 'http:'
        ? new http.Agent(shared)
        : new https.Agent({ ...shared, ...tlsOptionsOf(connection, addressOf(this.#base)) });
  }

  send({ method, path, headers, body, signal }: Outgoing): Promise<Reply> {
    const { protocol } = this.#base;
    const { host, port } = addressOf(this.#base);
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { host, port, method, path, agent: this.#agent, signal, headers: { ...headers, ...length } };
    return new Promise((resolve, reject) => {
      const request = (protocol === 'http:' ? http : https).request(options, (response) => {
        response.setEncoding('utf8');
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: wholeOf(response) });
      });
      let connected = false;
      request.once('socket', (socket) => {
        if (request.reusedSocket || !socket.connecting) connected = true;
        else socket.once(protocol === 'http:' ? 'connect' : 'secureConnect', () => (connected = true));
      });
      request.on('error', (error) => reject(new LostConnection(connected ? 'unknown' : 'unsent', error)));
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function* wholeOf(response: http.IncomingMessage): AsyncGenerator<string> {
  try {
    yield* response as AsyncIterable<string>;
  } catch (error) {
    throw new LostConnection('unknown', error);
  }
}
