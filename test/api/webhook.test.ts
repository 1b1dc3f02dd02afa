import { readFileSync } from 'node:fs';
import { builtin, type ConfigMap, kubernetesClient, type KubernetesClient, type Webhook } from '@dot-kube/operator';
import { allow, deny, mutate, mutating, validating, webhooks } from '@dot-kube/operator/webhook';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';

const { server, caPath, adminToken } = inject('apiServer');
const namespace = 'webhook-test';
const name = 'webhook-test.example.io';
const soon = { timeout: 20_000, interval: 100 };
const stop = new AbortController();

let client: KubernetesClient;
let running: Promise<void>;

const count = validating({
  path: '/count',
  resource: builtin.ConfigMap,
  review({ operation, object, oldObject, userInfo }) {
    if (operation === 'DELETE') {
      return oldObject.data?.['keep'] === undefined ? allow() : deny('It is to be kept.', { reason: 'Conflict' });
    }
    if (object?.data?.['fails'] !== undefined) throw new Error('a shelf broke');
    const items = Object.keys(object?.data ?? {}).length;
    return items <= 2
      ? allow({ warnings: [`${items} of 2 are used`] })
      : deny(`${userInfo.groups[0]} may have 2 and not ${items}.`, { reason: 'Invalid' });
  },
});
const stamp = mutating({
  path: '/stamp',
  resource: builtin.ConfigMap,
  review({ object }) {
    if (object === undefined) return allow();
    const { metadata } = object;
    return mutate({ ...object, metadata: { ...metadata, labels: { ...metadata.labels, 'example.io/seen': 'yes' } } });
  },
});

/** Only objects in the namespace of this test are reviewed: other tests share the server. */
const configuration = (port: number, path: string, operations: NonNullable<Webhook['rules']>[0]['operations']) => ({
  metadata: { name },
  webhooks: [
    {
      name,
      clientConfig: { url: `https://127.0.0.1:${port}${path}` },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations }],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None' as const,
      timeoutSeconds: 5,
    },
  ],
});

const map = (mapName: string, data: Record<string, string>): ConfigMap => ({
  metadata: { name: mapName, namespace },
  data,
});
const create = (mapName: string, data: Record<string, string>) => client.create(builtin.ConfigMap, map(mapName, data));

/** Reviews are made and trusted: the API server takes a moment to learn either. */
const reviewed = () =>
  vi.waitFor(async () => {
    const refusal = create('canary', { a: '', b: '', c: '' });
    await expect(refusal).rejects.toMatchObject({ reason: 'Invalid' });
  }, soon);

beforeAll(async () => {
  client = kubernetesClient(
    { server, ca: readFileSync(caPath, 'utf8'), token: adminToken },
    { userAgent: 'webhook-test' },
  );
  await client.create(builtin.Namespace, { metadata: { name: namespace } });
  const hooks = webhooks({
    client,
    handlers: [count, stamp],
    service: { namespace, name: 'webhook' },
    names: ['127.0.0.1'],
    configurations: { validating: [name], mutating: [name] },
    port: 0,
    host: '127.0.0.1',
  });
  running = hooks.run(stop.signal);
  const port = await Promise.race([hooks.listening, running.then(() => Promise.reject(new Error('it stopped')))]);
  await client.create(builtin.ValidatingWebhookConfiguration, configuration(port, '/count', ['*']));
  await client.create(builtin.MutatingWebhookConfiguration, configuration(port, '/stamp', ['CREATE', 'UPDATE']));
  await reviewed();
});

afterAll(async () => {
  await client.delete(builtin.ValidatingWebhookConfiguration, name);
  await client.delete(builtin.MutatingWebhookConfiguration, name);
  stop.abort();
  await running;
  await client.delete(builtin.Namespace, namespace);
  client.close();
});

test('what a handler denies is refused with its message, reason and code', async () => {
  await expect(create('large', { a: '', b: '', c: '' })).rejects.toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: expect.stringContaining(
      `admission webhook "${name}" denied the request: system:masters may have 2 and not 3.`,
    ),
  });
});

test('what a handler allows is stored as another has changed it', async () => {
  const { metadata, data } = await create('small', { a: 'ü' });
  expect({ labels: metadata.labels, data }).toEqual({ labels: { 'example.io/seen': 'yes' }, data: { a: 'ü' } });
});

test('updates and deletions are reviewed', async () => {
  await create('kept', { keep: '' });
  const grown = client.patch(builtin.ConfigMap, 'kept', { data: { a: '', b: '' } }, { namespace });
  await expect(grown).rejects.toMatchObject({ reason: 'Invalid' });
  const deletion = client.delete(builtin.ConfigMap, 'kept', { namespace });
  await expect(deletion).rejects.toMatchObject({ code: 409, message: expect.stringContaining('It is to be kept.') });
});

test('a handler that throws refuses, and says why', async () => {
  await expect(create('failing', { fails: '' })).rejects.toMatchObject({
    code: 500,
    message: expect.stringContaining(`ConfigMap ${namespace}/failing could not be reviewed: a shelf broke`),
  });
});

test('a caBundle that someone empties is put back, and reviews go on', async () => {
  const found = await client.get(builtin.ValidatingWebhookConfiguration, name);
  const caBundle = found!.webhooks![0]!.clientConfig.caBundle;
  expect(caBundle).toMatch(/./);
  const webhooks = found!.webhooks!.map(({ clientConfig: { url }, ...webhook }) => ({
    ...webhook,
    clientConfig: { ...(url !== undefined && { url }) },
  }));
  await client.update(builtin.ValidatingWebhookConfiguration, { ...found!, webhooks });
  await vi.waitFor(async () => {
    const now = await client.get(builtin.ValidatingWebhookConfiguration, name);
    expect(now!.webhooks![0]!.clientConfig.caBundle).toBe(caBundle);
  }, soon);
  await reviewed();
});

test('when the certificates are deleted, the API server learns to trust the new ones', async () => {
  const secret = () => client.get(builtin.Secret, 'webhook-certificates', { namespace });
  const before = await secret();
  await client.delete(builtin.Secret, 'webhook-certificates', { namespace });
  await vi.waitFor(
    async () => expect([undefined, before!.metadata.uid]).not.toContain((await secret())?.metadata.uid),
    soon,
  );
  await reviewed();
});
