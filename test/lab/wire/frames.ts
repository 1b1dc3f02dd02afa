import type { Duplex } from 'node:stream';

/**
 * What travels between client, supervisor and guest: one request a connection, then frames both ways. A frame is a
 * type byte, a length (u32, big endian) and the payload. The supervisor passes frames for a guest on as they are.
 */
export const frameType = {
  request: 0,
  stdin: 1,
  stdinEnd: 2,
  signal: 3,
  stdout: 4,
  stderr: 5,
  result: 6,
  error: 7,
} as const;

export type Frame = { type: number; payload: Buffer };

const headerBytes = 5;
/** Larger frames mean a broken peer, not a large file: senders cut their data to pieces of a pipe's size. */
const maxPayloadBytes = 16 * 1024 * 1024;

export function encodeFrame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

export function encodeJson(type: number, value: unknown): Buffer {
  return encodeFrame(type, Buffer.from(JSON.stringify(value ?? null)));
}

export function decodeJson(frame: Frame): unknown {
  return JSON.parse(frame.payload.toString());
}

/** Waits until the peer has room again, so that a fast writer does not fill our memory. */
export async function sendFrame(stream: Duplex, type: number, payload: Buffer): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return;
  if (stream.write(encodeFrame(type, payload))) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      stream.off('drain', go).off('close', go);
      resolve();
    };
    stream.on('drain', go).on('close', go);
  });
}

/** Cuts a byte stream into frames. @throws Error when the peer sends a frame beyond any sane size */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame, undefined> {
  let buffer: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    while (buffer.length >= headerBytes) {
      const length = buffer.readUInt32BE(1);
      if (length > maxPayloadBytes) throw new Error(`a frame of ${length} bytes is not one of ours`);
      if (buffer.length < headerBytes + length) break;
      yield { type: buffer.readUInt8(0), payload: buffer.subarray(headerBytes, headerBytes + length) };
      buffer = buffer.subarray(headerBytes + length);
    }
  }
}
