import { readFileSync } from 'node:fs';
import {
  again,
  builtin,
  controller,
  customResource,
  crdOf,
  done,
  kubernetesClient,
  type KubernetesClient,
  manager,
  type ObjectOf,
  watch,
} from '@dot-kube/operator';
import { kubeconfig } from '@dot-kube/operator/kubeconfig';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';

const { server, caPath, adminToken, kubeconfigPath } = inject('apiServer');

const Parcel = customResource({
  group: 'manager.example.io',
  version: 'v1',
  kind: 'Parcel',
  plural: 'parcels',
  scope: 'Cluster',
  spec: z.object({ node: z.string() }),
  status: z.object({ state: z.string().exactOptional() }),
  selectableFields: ['.spec.node'],
});
type Parcel = ObjectOf<typeof Parcel>;

let client: KubernetesClient;

beforeAll(async () => {
  client = kubernetesClient(
    { server, ca: readFileSync(caPath, 'utf8'), token: adminToken },
    { userAgent: 'manager-test' },
  );
  await client.create(builtin.CustomResourceDefinition, crdOf(Parcel));
  await vi.waitFor(() => client.list(Parcel), { timeout: 30_000 });
});

afterAll(async () => {
  await client.delete(builtin.CustomResourceDefinition, 'parcels.manager.example.io');
  client.close();
});

/** Runs a manager as long as the test. */
function running(...managers: ReturnType<typeof manager>[]) {
  const stop = new AbortController();
  const runs = managers.map((one) => one.run(stop.signal));
  const stopped = async () => {
    stop.abort();
    await Promise.all(runs);
  };
  onTestFinished(stopped);
  return stopped;
}

const stateOf = async (name: string) => (await client.get(Parcel, name))?.status?.state;

test('objects of a selection become as wanted, follow what concerns them, and end with their finalizer', async () => {
  const passes: string[] = [];
  const parcels = controller({
    name: 'parcel',
    resource: Parcel,
    select: { fieldSelector: 'spec.node=here' },
    watches: [watch(builtin.ConfigMap, (map) => [map.metadata.name], { labelSelector: 'parcel=yes' })],
    reconcile: async ({ object, name, status, cache, client, events }) => {
      passes.push(name);
      if (object.metadata.deletionTimestamp !== undefined) {
        await client.patch(Parcel, name, { metadata: { finalizers: null } });
        return done;
      }
      if (object.metadata.finalizers === undefined) {
        await client.patch(Parcel, name, { metadata: { finalizers: ['example.io/parcel'] } });
        return again;
      }
      const state = cache.get(builtin.ConfigMap, name, 'default')?.data?.['state'] ?? 'Waiting';
      await status.write({ state });
      events.emit({ type: 'Normal', reason: 'Moved', message: `Now ${state}.` });
      return done;
    },
  });
  running(manager({ client, controllers: [parcels], identity: 'manager-test' }));
  await client.create(Parcel, { metadata: { name: 'a' }, spec: { node: 'here' } });
  await client.create(Parcel, { metadata: { name: 'b' }, spec: { node: 'elsewhere' } });
  await vi.waitFor(async () => expect(await stateOf('a')).toBe('Waiting'), { timeout: 10_000 });

  const metadata = { name: 'a', namespace: 'default', labels: { parcel: 'yes' } };
  await client.create(builtin.ConfigMap, { metadata, data: { state: 'Sent' } });
  await vi.waitFor(async () => expect(await stateOf('a')).toBe('Sent'), { timeout: 10_000 });
  await vi.waitFor(
    async () => {
      const { items } = await client.list(builtin.Event, { namespace: 'default' });
      expect(items.map(({ note }) => note)).toContain('Now Sent.');
    },
    { timeout: 10_000 },
  );

  await client.delete(Parcel, 'a');
  await vi.waitFor(async () => expect(await client.get(Parcel, 'a')).toBeUndefined(), { timeout: 10_000 });
  expect(new Set(passes)).toEqual(new Set(['a']));
});

test('of two processes one works, and the other takes over when it stops', async () => {
  const workers: string[] = [];
  const process = (identity: string) =>
    manager({
      client,
      identity,
      controllers: [
        controller({
          name: 'parcel',
          resource: Parcel,
          seeds: ['none'],
          reconcile: async () => done,
          absent: async () => {
            workers.push(identity);
            return done;
          },
        }),
      ],
      leaderElection: { namespace: 'default', name: 'manager-test', retryMs: 200 },
    });
  const stopFirst = running(process('first'));
  await vi.waitFor(() => expect(workers).toEqual(['first']), { timeout: 10_000 });
  running(process('second'));
  await stopFirst();
  await vi.waitFor(() => expect(workers).toEqual(['first', 'second']), { timeout: 10_000 });
});

test('a kubeconfig leads to its cluster', async () => {
  const viaKubeconfig = kubernetesClient(await kubeconfig(kubeconfigPath));
  onTestFinished(() => viaKubeconfig.close());
  expect(await viaKubeconfig.get(builtin.Namespace, 'default')).toMatchObject({ metadata: { name: 'default' } });
});
