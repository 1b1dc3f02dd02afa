import { readFile } from 'node:fs/promises';

/** Where an API server is and how to be known to it. Certificates and keys are PEM. */
export interface Connection {
  /** Such as `https://10.0.0.1:6443`; a path is put before each request's own. */
  readonly server: string;
  readonly ca?: string;
  /** The name to look for in the server's certificate, where it is not that of `server`. */
  readonly serverName?: string;
  readonly token?: string;
  /** Read again each minute, and when the server refuses its token: kubelet writes new ones in time. */
  readonly tokenFile?: string;
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** Makes the Authorization header anew for each request, for ways of logging in that none of the above covers. */
  readonly authorization?: () => Promise<string | undefined>;
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The connection that every pod is given.
 * @throws when this process runs in no pod, or in one without a service account's token
 */
export async function inCluster(
  env: NodeJS.ProcessEnv = process.env,
  folder = serviceAccountFolder,
): Promise<Connection> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (host === undefined || host === '') {
    throw new Error('not in a cluster: KUBERNETES_SERVICE_HOST is not set; name a kubeconfig instead');
  }
  const ca = await readFile(`${folder}/ca.crt`, 'utf8');
  return { server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, ca, tokenFile: `${folder}/token` };
}
