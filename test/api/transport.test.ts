import { readFileSync } from 'node:fs';
import { builtin, controller, done, kubernetesClient, type KubernetesClientOptions, manager } from '@dot-kube/operator';
import { tcpRelay } from '@dot-kube/operator/testing';
import { beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';

const { server, caPath, adminToken } = inject('apiServer');
const { ConfigMap } = builtin;
const namespace = 'default';
const labels = { test: 'transport' };
const labelSelector = 'test=transport';
const slow = { timeout: 20_000 };

/** The API server behind a wire that can fail, and a client of it. */
async function throughRelay(options: KubernetesClientOptions = {}) {
  const relay = await tcpRelay(Number(new URL(server).port));
  const ca = readFileSync(caPath, 'utf8');
  const address = `https://127.0.0.1:${relay.port}`;
  const client = kubernetesClient({ server: address, ca, token: adminToken }, options);
  onTestFinished(() => {
    client.close();
    relay.close();
  });
  return { relay, client };
}

beforeEach(async () => {
  const { client } = await throughRelay();
  const { items } = await client.list(ConfigMap, { namespace, labelSelector });
  for (const { metadata } of items) await client.delete(ConfigMap, metadata.name, { namespace });
});

const nameOf = (n: number) => `transport-${n}`;
const mapOf = (n: number) => ({ metadata: { name: nameOf(n), namespace, labels } });

test('one connection carries twenty watches beside all calls, and each watch is told of every object', async () => {
  const { client, relay } = await throughRelay();
  const { resourceVersion } = await client.list(ConfigMap, { namespace });
  const names = Array.from({ length: 50 }, (_, n) => nameOf(n)).sort();
  const watched = Array.from({ length: 20 }, async () => {
    const seen: string[] = [];
    for await (const event of client.watch(ConfigMap, { namespace, labelSelector, resourceVersion })) {
      if (event.type !== 'BOOKMARK' && seen.push(event.object.metadata.name) === names.length) break;
    }
    return seen.sort();
  });
  await Promise.all(names.map((_, n) => client.create(ConfigMap, mapOf(n))));
  for (const seen of await Promise.all(watched)) expect(seen).toEqual(names);
  expect(relay.made()).toBe(1);
});

test('watches beyond what the server lets on one connection open a second, and calls are made all the same', async () => {
  const { client, relay } = await throughRelay();
  const { resourceVersion } = await client.list(ConfigMap, { namespace });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const watched = Array.from({ length: 120 }, async () => {
    const options = { namespace, labelSelector, resourceVersion, signal: stop.signal };
    for await (const event of client.watch(ConfigMap, options)) if (event.type === 'ADDED') return event.object;
    return undefined;
  });
  const made = await client.create(ConfigMap, mapOf(0));
  expect(await Promise.all(watched)).toEqual(Array.from({ length: 120 }, () => made));
  expect(relay.made()).toBe(2);
});

test.each(['silence', 'cut'] as const)('controllers miss nothing across a connection that meets %s', async (end) => {
  const { client, relay } = await throughRelay({ pingMs: 200, pingDeadlineMs: 500 });
  const others = (await throughRelay()).client;
  const seen = new Set<string>();
  const maps = controller({
    name: 'maps',
    resource: ConfigMap,
    select: { labelSelector },
    reconcile: async ({ name }) => {
      seen.add(name);
      return done;
    },
    absent: async ({ name }) => {
      seen.delete(name);
      return done;
    },
  });
  const stop = new AbortController();
  const run = manager({ client, controllers: [maps] }).run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await run;
  });
  await others.create(ConfigMap, mapOf(0));
  await vi.waitFor(() => expect([...seen]).toEqual([nameOf(0)]), slow);

  relay[end]();
  await others.create(ConfigMap, mapOf(1));
  await others.delete(ConfigMap, nameOf(0), { namespace });
  await vi.waitFor(() => expect([...seen]).toEqual([nameOf(1)]), slow);
  expect(relay.made()).toBe(2);
});
