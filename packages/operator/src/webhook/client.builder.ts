// What the tests of the webhook server call it with.
import { Agent, request } from 'node:https';
import { connect, type PeerCertificate } from 'node:tls';
import type { OutgoingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

export interface Call {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly agent?: Agent;
}

export const serviceName = 'hook.ns.svc';

/** Calls a webhook as the API server does: by the name of its Service, trusting what the `caBundle` says. */
export function call({
  port,
  ca,
  path = '/box',
  method = 'POST',
  body = '',
  headers = {},
  agent,
}: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: serviceName, ca, path, method, headers };
    const sent = request({ ...options, agent: agent ?? new Agent() }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject).on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, connection: headers.connection, body: text });
      });
    });
    sent.on('error', reject).end(body);
  });
}

/** The certificate that a server shows now. @throws when it is not to be trusted */
export function shownBy(port: number, ca: string): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: serviceName, ca }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    }).on('error', reject);
  });
}
