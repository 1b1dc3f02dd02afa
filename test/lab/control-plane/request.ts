import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const requestMs = 5000;

/** One plain HTTP(S) request, for looking whether something serves and for the few calls the lab itself makes. */
export function request(
  url: string,
  options: { method?: string; caPath?: string; token?: string; accept?: string; body?: unknown } = {},
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const { method = 'GET', caPath, token, accept, body } = options;
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = {
    ...(accept === undefined ? {} : { accept }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const ca = caPath === undefined ? {} : { ca: readFileSync(caPath) };
  const outgoing = send(url, { method, headers, timeout: requestMs, ...ca }, (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    response.on('error', reject);
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url}: no answer within ${requestMs / 1000} s`)));
  outgoing.on('error', reject);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
