import { expect, test } from 'vitest';
import { encodeFrame, encodeJson, frameType, readFrames } from './frames.ts';

async function read(bytes: Buffer, pieceBytes: number): Promise<(number | string)[][]> {
  const seen: (number | string)[][] = [];
  for await (const { type, payload } of readFrames(inPieces(bytes, pieceBytes))) seen.push([type, payload.toString()]);
  return seen;
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 4, 7, 1000])('frames survive a stream cut into pieces of %i bytes', async (size) => {
  const bytes = Buffer.concat([
    encodeJson(frameType.request, { op: 'ping' }),
    encodeFrame(frameType.stdinEnd, Buffer.alloc(0)),
    encodeFrame(frameType.stdout, Buffer.from('hello')),
  ]);
  expect(await read(bytes, size)).toEqual([
    [frameType.request, '{"op":"ping"}'],
    [frameType.stdinEnd, ''],
    [frameType.stdout, 'hello'],
  ]);
});

test('a length that no sender of ours writes is an error, not an endless wait', async () => {
  const garbage = Buffer.from([4, 0xff, 0xff, 0xff, 0xff]);
  await expect(read(garbage, 5)).rejects.toThrow('not one of ours');
});
