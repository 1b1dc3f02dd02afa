import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Frame } from './frames.ts';
import { decodeJson, encodeJson, frameType, readFrames, sendFrame } from './frames.ts';

/** One caller. `gone` aborts when it hangs up, which is how a caller gives up on a request. */
export interface Caller {
  readonly socket: Socket;
  /** What the caller sends after its request; must be read for `gone` to be noticed. */
  readonly incoming: AsyncIterable<Frame>;
  readonly stdout: (chunk: Buffer) => Promise<void>;
  readonly stderr: (chunk: Buffer) => Promise<void>;
}

/** Both ends are of one version, so what the caller sends is of the type that the handler expects. */
type Handler = (request: unknown, caller: Caller) => Promise<unknown>;

/** Answers each connection's one request with what `handle` returns or throws; it may stream output before. */
export function serveRequests(handle: Handler): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    void answer(socket, handle);
  });
}

async function answer(socket: Socket, handle: Handler): Promise<void> {
  try {
    const incoming = readFrames(socket);
    const first = await incoming.next();
    if (first.done || first.value.type !== frameType.request) throw new Error('a connection begins with a request');
    const result = await handle(decodeJson(first.value), {
      socket,
      incoming,
      stdout: (chunk) => sendFrame(socket, frameType.stdout, chunk),
      stderr: (chunk) => sendFrame(socket, frameType.stderr, chunk),
    });
    if (result !== passedOn) socket.end(encodeJson(frameType.result, result));
  } catch (error) {
    if (socket.destroyed) return;
    socket.end(encodeJson(frameType.error, { message: error instanceof Error ? error.message : String(error) }));
  }
}

/** Returned by a handler that gave the connection to somebody else, who answers. */
export const passedOn: unique symbol = Symbol('passed on');
