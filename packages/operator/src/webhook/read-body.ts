import type { IncomingMessage } from 'node:http';

/** A body is longer than is taken. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

/** @throws BodyTooLong as soon as that is known */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const refuse = () => {
    throw new BodyTooLong(`a body may have ${maxBytes} bytes`);
  };
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) refuse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
