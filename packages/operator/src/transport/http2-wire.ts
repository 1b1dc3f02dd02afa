import { once } from 'node:events';
import tls, { type TLSSocket } from 'node:tls';
import { addressOf, tlsOptionsOf } from './address.ts';
import type { Connection } from './connection.ts';
import { Http1Wire } from './http1-wire.ts';
import { Http2Session } from './http2-session.ts';
import { LostConnection, type Outgoing, type Reply, type Wire } from './wire.ts';

export interface Health {
  /** A connection that told nothing for so long is asked whether it lives. */
  readonly pingMs: number;
  /** One that does not answer for so long is torn down. */
  readonly pingDeadlineMs: number;
}

/** The network and the server have so long to make a connection. */
const dialMs = 10_000;

/** With the 100 streams that API servers let, room for 800 calls and watches; beyond that they wait for each other. */
const maxSessions = 8;

/** TCP looks after a silent connection after so long. */
const keepAliveMs = 15_000;

/**
 * HTTP/2, all calls and watches on one connection; on more only while the server lets no further streams on those there
 * are. A server that does not speak it is spoken to in HTTP/1.1 from then on.
 */
export class Http2Wire implements Wire {
  readonly #connection: Connection;
  readonly #base: URL;
  readonly #health: Health;
  readonly #closed = new AbortController();
  #sessions: Http2Session[] = [];
  /** Shared by all who wait for a session. */
  #dialling: Promise<void> | undefined;
  #looking: NodeJS.Timeout | undefined;
  #http1: Http1Wire | undefined;

  constructor(connection: Connection, health: Health) {
    this.#connection = connection;
    this.#base = new URL(connection.server);
    this.#health = health;
  }

  async send(request: Outgoing): Promise<Reply> {
    while (this.#http1 === undefined) {
      const session = this.#sessionWithRoom();
      if (session !== undefined) return session.send(request);
      this.#dialling ??= this.#dial().finally(() => (this.#dialling = undefined));
      await orAborted(this.#dialling, request.signal);
    }
    return this.#http1.send(request);
  }

  close(): void {
    this.#closed.abort(new Error('the client was closed'));
    for (const session of this.#sessions) session.close();
    this.#http1?.close();
  }

  /** The first with room, so that the others come to rest; when there can be no more, the one that has least to do. */
  #sessionWithRoom(): Http2Session | undefined {
    const open = this.#sessions.filter((session) => session.isOpen());
    const least = () => open.reduce((a, b) => (b.load() < a.load() ? b : a));
    return open.find((session) => session.hasRoom()) ?? (open.length < maxSessions ? undefined : least());
  }

  async #dial(): Promise<void> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(dialMs)]);
    try {
      const socket = await this.#connect(signal);
      if (socket.alpnProtocol !== 'h2') {
        socket.destroy();
        this.#http1 = new Http1Wire(this.#connection);
        return;
      }
      const session = await Http2Session.over(socket, this.#base, signal);
      this.#sessions.push(session);
    } catch (error) {
      const why = signal.aborted ? (signal.reason as unknown) : error;
      throw new LostConnection('unsent', why);
    }
    this.#looking ??= setInterval(() => this.#lookAfter(), this.#health.pingMs).unref();
  }

  async #connect(signal: AbortSignal): Promise<TLSSocket> {
    const address = addressOf(this.#base);
    const socket = tls.connect({
      ...tlsOptionsOf(this.#connection, address),
      ...address,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    try {
      await once(socket, 'secureConnect', { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** Finds the dead among the sessions, and lets those go that were needed for a moment only. */
  #lookAfter(): void {
    this.#sessions = this.#sessions.filter((session) => !session.isGone());
    const [first] = this.#sessions.filter((session) => session.isOpen());
    for (const session of this.#sessions) {
      session.probe(this.#health.pingDeadlineMs);
      if (session.rested() && session !== first) session.close();
    }
    if (this.#sessions.length > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

/** @returns what `work` gives, unless `signal` aborts first; work goes on for others who wait for it */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
