import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { LostConnection, type Outgoing, type Reply } from './wire.ts';

/** How much the server may send ahead of what is read: of one answer, and of all together. */
const streamWindowBytes = 1024 ** 2;
const sessionWindowBytes = 8 * 1024 ** 2;

/** One HTTP/2 connection: many calls and watches at a time, as many as the server lets. */
export class Http2Session {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  #streams = 0;
  #startedSince = false;
  #bytesSeen = 0;
  #pinging = false;

  /**
   * Greets the server over a socket that has agreed on `h2`.
   * @returns once the server has told its limits
   */
  static async over(socket: Socket, authority: URL, signal: AbortSignal): Promise<Http2Session> {
    const settings = { enablePush: false, initialWindowSize: streamWindowBytes };
    const session = connect(authority, { createConnection: () => socket, settings });
    session.on('error', () => {}); // what broke it is told to those whose calls it breaks
    try {
      await once(session, 'remoteSettings', { signal });
    } catch (error) {
      session.destroy();
      throw error;
    }
    session.setLocalWindowSize(sessionWindowBytes);
    return new Http2Session(session, socket);
  }

  private constructor(session: ClientHttp2Session, socket: Socket) {
    this.#session = session;
    this.#socket = socket;
    session.unref();
  }

  /** Whether a further request would be begun at once. */
  hasRoom(): boolean {
    return this.isOpen() && this.#streams < (this.#session.remoteSettings.maxConcurrentStreams ?? Infinity);
  }

  /** Whether it takes requests: the server has not said goodbye, and the connection is up. */
  isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  isGone(): boolean {
    return this.#session.destroyed;
  }

  /** How many calls and watches it carries. */
  load(): number {
    return this.#streams;
  }

  send({ method, path, headers, body, signal }: Outgoing): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(
        { ':method': method, ':path': path, ...headers },
        { endStream: body === undefined, signal },
      );
      this.#began();
      stream.setEncoding('utf8');
      let failure: unknown;
      stream.once('error', (error) => (failure = error));
      stream.once('response', ({ ':status': status = 0, ...headers }) => {
        resolve({ status, headers, body: wholeOf(stream) });
      });
      stream.once('close', () => {
        this.#ended();
        reject(lost(stream, failure));
      });
      if (body !== undefined) stream.end(body);
    });
  }

  /** @returns whether it has carried nothing since this was asked last */
  rested(): boolean {
    const rested = this.#streams === 0 && !this.#startedSince;
    this.#startedSince = false;
    return rested;
  }

  /** Asks the server for a sign of life, unless one came since this was called last; without one, all it carries fails. */
  probe(deadlineMs: number): void {
    const { bytesRead } = this.#socket;
    const isAlive = bytesRead !== this.#bytesSeen;
    this.#bytesSeen = bytesRead;
    if (isAlive || this.#pinging || this.isGone()) return;
    this.#pinging = true;
    const deadline = setTimeout(() => {
      // If this process was held up, the answer may have come and not yet been read.
      setImmediate(() => {
        if (this.#pinging && this.#socket.bytesRead === bytesRead)
          this.#session.destroy(new Error(`the server did not answer a ping in ${deadlineMs} ms`));
        this.#pinging = false;
      });
    }, deadlineMs).unref();
    this.#session.ping(() => {
      clearTimeout(deadline);
      this.#pinging = false;
    });
  }

  /** Takes no further requests, and ends with the last of those it carries. */
  close(): void {
    this.#session.close();
  }

  #began(): void {
    this.#streams += 1;
    this.#startedSince = true;
    if (this.#streams === 1) this.#session.ref();
  }

  #ended(): void {
    this.#streams -= 1;
    if (this.#streams === 0 && !this.isGone()) this.#session.unref();
  }
}

/**
 * What a stream tells, to its end. Not by its own iterator: that takes an answer for broken which was over before anybody
 * began to read it, since an HTTP/2 stream is `closed` by then, though all of it is still there to be read.
 */
async function* wholeOf(stream: ClientHttp2Stream): AsyncGenerator<string> {
  let wake = () => {};
  const woken = () => wake();
  for (const event of ['readable', 'end', 'close']) stream.on(event, woken);
  try {
    for (;;) {
      const chunk = stream.read() as string | null;
      if (chunk !== null) yield chunk;
      else if (stream.readableEnded || stream.destroyed) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    // A stream that is cut off ends like one that is whole: only its code tells.
    if (!stream.readableEnded || stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw lost(stream, stream.errored);
  } finally {
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  }
}

function lost({ rstCode }: ClientHttp2Stream, cause: unknown): LostConnection {
  const fate = rstCode === constants.NGHTTP2_REFUSED_STREAM ? 'refused' : 'unknown';
  return new LostConnection(fate, cause ?? new Error(`the connection was lost (HTTP/2 code ${rstCode})`));
}
