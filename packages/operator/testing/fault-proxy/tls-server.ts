import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Writable } from 'node:stream';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

export interface TlsServer {
  readonly port: number;
  /** Ends all connections at once. */
  close(): void;
}

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Listens on the loopback address; speaks HTTP/2 to those who can, if it may. */
export async function tlsServer(
  certificate: Certificate,
  { http2 }: { http2: boolean },
  serve: (request: Request, response: Response) => void,
): Promise<TlsServer> {
  const server = http2
    ? createSecureServer({ ...certificate, allowHTTP1: true }, serve).on('sessionError', () => {})
    : createServer(certificate, serve);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Sends the head of an answer at once, whether or not more follows soon. */
export function begin(response: Response, code: number, headers: OutgoingHttpHeaders): void {
  if ('stream' in response) response.writeHead(code, headers);
  else response.writeHead(code, headers).flushHeaders();
}

/** @returns once a part of an answer is on its way */
export async function sent(response: Writable, part: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => response.write(part, (error) => (error ? reject(error) : resolve())));
}

/** Leaves the client without the rest of its answer: ends the connection, or the stream where that is HTTP/2. */
export function breakOff(response: Response): void {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.socket?.destroy();
}
