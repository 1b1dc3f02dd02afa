import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Connection } from './connection.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to dial for a URL; URLs put brackets around IPv6 addresses. */
export function addressOf({ hostname, port, protocol }: URL): Address {
  const usual = protocol === 'http:' ? 80 : 443;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? usual : Number(port) };
}

/** How a connection proves who the server is, and who we are. */
export function tlsOptionsOf({ ca, serverName, clientCertificate }: Connection, { host }: Address): ConnectionOptions {
  return {
    // A server's name can be told to it, an IP address can't.
    servername: serverName ?? (isIP(host) === 0 ? host : ''),
    ...(ca !== undefined && { ca }),
    ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
  };
}
