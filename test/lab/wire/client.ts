import type { NetConnectOpts, Socket } from 'node:net';
import { connect } from 'node:net';
import { decodeJson, encodeJson, frameType, readFrames, sendFrame } from './frames.ts';

export interface CallOptions {
  /** Sent as standard input, then closed. */
  readonly stdin?: AsyncIterable<Buffer | string> | undefined;
  readonly onStdout?: ((chunk: Buffer) => void) | undefined;
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  /** Aborting hangs up, and the other side ends what it does for us. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws Error when nothing listens there, or the signal aborts before it answers */
export function dial(address: NetConnectOpts, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect(address);
    const giveUp = () => socket.destroy(new Error('gave up connecting', { cause: signal?.reason }));
    signal?.addEventListener('abort', giveUp);
    socket.once('error', reject);
    socket.once('close', () => signal?.removeEventListener('abort', giveUp));
    socket.once('connect', () => {
      signal?.removeEventListener('abort', giveUp);
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

/**
 * Sends one request and waits for its result, passing output on as it comes.
 * @throws Error with the other side's message, or when the connection breaks before an answer
 */
export async function call<Result>(
  address: NetConnectOpts,
  request: object,
  options: CallOptions = {},
): Promise<Result> {
  options.signal?.throwIfAborted();
  const socket = await dial(address, options.signal);
  const hangUp = () => socket.destroy();
  options.signal?.addEventListener('abort', hangUp);
  try {
    socket.write(encodeJson(frameType.request, request));
    // Its failure is the connection's failure, which the loop below sees too.
    if (options.stdin) pour(options.stdin, socket).catch(hangUp);
    for await (const frame of readFrames(socket)) {
      if (frame.type === frameType.stdout) options.onStdout?.(frame.payload);
      else if (frame.type === frameType.stderr) options.onStderr?.(frame.payload);
      else if (frame.type === frameType.result) return decodeJson(frame) as Result;
      else if (frame.type === frameType.error) throw new Error((decodeJson(frame) as { message: string }).message);
    }
    options.signal?.throwIfAborted();
    throw new Error('the connection broke before the answer: the node or the lab went away');
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
    socket.destroy();
  }
}

async function pour(source: AsyncIterable<Buffer | string>, socket: Socket): Promise<void> {
  for await (const chunk of source) await sendFrame(socket, frameType.stdin, Buffer.from(chunk));
  await sendFrame(socket, frameType.stdinEnd, Buffer.alloc(0));
}
