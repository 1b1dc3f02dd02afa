import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';

/**
 * The connection of a kubeconfig's current context, with all its ways of logging in. An entry of its own in the
 * package, since what reads it is large and processes in a cluster have no need of it.
 * @param path of the file; as kubectl finds it ($KUBECONFIG, ~/.kube/config) unless given
 */
export async function kubeconfig(path?: string): Promise<Connection> {
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${path ?? 'the kubeconfig'} names no current context with a cluster`);

  const { ca, cert, key } = pemsOf(await optionsOf(config));
  return {
    server: cluster.server,
    ...(ca !== undefined && { ca }),
    ...(cluster.tlsServerName !== undefined && { serverName: cluster.tlsServerName }),
    ...(cert !== undefined && key !== undefined && { clientCertificate: { certificate: cert, key } }),
    authorization: async () => authorizationOf(await optionsOf(config)),
  };
}

async function optionsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return options;
}

/** client-node reads certificates and keys as buffers. */
function pemsOf({ ca, cert, key }: RequestOptions) {
  const pem = (value: unknown) =>
    Buffer.isBuffer(value) ? value.toString() : typeof value === 'string' ? value : undefined;
  return { ca: pem(ca), cert: pem(cert), key: pem(key) };
}

/** Logging in by password is given as user and password, by token as a header. */
function authorizationOf({ headers, auth }: RequestOptions): string | undefined {
  if (auth !== undefined && auth !== null) return `Basic ${Buffer.from(auth).toString('base64')}`;
  const header = new Headers(headers as Record<string, string> | undefined).get('authorization');
  return header ?? undefined;
}
