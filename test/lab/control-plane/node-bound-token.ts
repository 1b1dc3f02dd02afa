import { request } from './request.ts';

const day = 86_400;

/**
 * A service account's token that is bound to a Node, as a DaemonSet's pod has one: its claims name the node, and it
 * ends with the Node object.
 * @param lifetimeSeconds a day when left out
 */
export async function createNodeBoundToken(options: {
  server: string;
  caPath: string;
  adminToken: string;
  namespace: string;
  serviceAccount: string;
  node?: { name: string; uid: string };
  lifetimeSeconds?: number;
}): Promise<string> {
  const { server, caPath, adminToken, namespace, serviceAccount, node, lifetimeSeconds = day } = options;
  const url = `${server}/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  const boundObjectRef = node && { kind: 'Node', apiVersion: 'v1', name: node.name, uid: node.uid };
  const answer = await request(url, {
    method: 'POST',
    caPath,
    token: adminToken,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: lifetimeSeconds, ...(boundObjectRef ? { boundObjectRef } : {}) },
    },
  });
  if (answer.status !== 201) {
    throw new Error(`no token for ${namespace}/${serviceAccount} (HTTP ${answer.status}): ${answer.body}`);
  }
  return (JSON.parse(answer.body) as { status: { token: string } }).status.token;
}
