import { execFileSync } from 'node:child_process';
import { expect, inject, test } from 'vitest';
import { createNodeBoundToken, request } from '../lab/control-plane/index.ts';

const api = inject('apiServer');

test('the API server of this level is a real Kubernetes 1.36.3', async () => {
  const version = JSON.parse((await request(`${api.server}/version`, { caPath: api.caPath })).body) as object;
  expect(version).toMatchObject({ gitVersion: 'v1.36.3' });
});

test('kubectl speaks to it as cluster admin', () => {
  const answer = execFileSync(api.kubectl, ['--kubeconfig', api.kubeconfigPath, 'auth', 'can-i', '*', '*'], {
    encoding: 'utf8',
  });
  expect(answer.trim()).toBe('yes');
});

test('a token bound to a node carries the name of that node in its claims', async () => {
  const admin = { caPath: api.caPath, token: api.adminToken };
  const post = (path: string, body: unknown) => request(`${api.server}${path}`, { ...admin, method: 'POST', body });
  const metadata = { name: 'bound-token-test' };
  await post('/api/v1/namespaces/default/serviceaccounts', { metadata });
  const node = JSON.parse((await post('/api/v1/nodes', { metadata })).body) as { metadata: { uid: string } };
  const token = await createNodeBoundToken({
    ...api,
    namespace: 'default',
    serviceAccount: 'bound-token-test',
    node: { name: 'bound-token-test', uid: node.metadata.uid },
  });
  const review = await post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
  expect(JSON.parse(review.body)).toMatchObject({
    status: {
      authenticated: true,
      user: { extra: { 'authentication.kubernetes.io/node-name': ['bound-token-test'] } },
    },
  });
});
