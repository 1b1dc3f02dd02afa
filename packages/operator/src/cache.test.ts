import { describe, expect, test } from 'vitest';
import { inMemoryApiServer, settle, virtualClock } from '../testing/index.ts';
import { SharedCaches } from './cache.ts';
import { untraced } from './trace.ts';
import {
  again,
  builtin,
  controller,
  done,
  index,
  manager,
  ownedBy,
  silentLog,
  watch,
  type Client,
  type ConfigMap,
  type Controller,
  type KubernetesObject,
} from './index.ts';
import { Store } from './store.ts';

const { ConfigMap } = builtin;

const map = (name: string, colour: string, metadata: object = {}): ConfigMap => ({
  metadata: { name, namespace: 'default', ...metadata },
  data: { colour },
});

const byColour = index(ConfigMap, ({ data }) => [data?.['colour'] ?? 'none']);

const namesOf = (objects: readonly Readonly<KubernetesObject>[]) => objects.map(({ metadata }) => metadata.name).sort();

async function world(...maps: ConfigMap[]) {
  const clock = virtualClock();
  const server = inMemoryApiServer({ clock, resources: [] });
  const client = server.client();
  for (const one of maps) await client.create(ConfigMap, one);
  const run = (controllers: Controller[], as: Client = client) =>
    settle({ clock, managers: [manager({ client: as, controllers, clock, identity: 'test' })] });
  return { client, run };
}

test('however many controllers ask for a kind, each selection of it is listed and watched once', async () => {
  const { client, run } = await world(map('a', 'red'));
  const calls: string[] = [];
  const counting: Client = {
    ...client,
    list(resource, options) {
      calls.push(`list ${resource.kind} ${options?.labelSelector ?? ''}`);
      return client.list(resource, options);
    },
    watch(resource, options) {
      calls.push(`watch ${resource.kind} ${options.labelSelector ?? ''}`);
      return client.watch(resource, options);
    },
  };
  const one = (name: string, labelSelector?: string) =>
    controller({
      name,
      resource: ConfigMap,
      ...(labelSelector !== undefined && { select: { labelSelector } }),
      watches: [watch(builtin.Node, () => [])],
      reconcile: async () => done,
    });
  await run([one('first'), one('second'), one('third', 'a=b'), one('fourth', 'a=b')], counting);
  expect(calls.sort()).toEqual([
    'list ConfigMap ',
    'list ConfigMap a=b',
    'list Node ',
    'watch ConfigMap ',
    'watch ConfigMap a=b',
    'watch Node ',
  ]);
});

test('an index finds objects by what they say now, writes of this very pass included', async () => {
  const { run } = await world(map('a', 'red'), map('b', 'blue'), map('c', 'red'));
  const found: string[][] = [];
  const maps = controller({
    name: 'maps',
    resource: ConfigMap,
    reconcile: async ({ name, client, cache }) => {
      if (name !== 'a' || found.length > 0) return done;
      found.push(namesOf(cache.list(ConfigMap, byColour('red'))));
      await client.patch(ConfigMap, 'a', { data: { colour: 'blue' } }, { namespace: 'default' });
      found.push(namesOf(cache.list(ConfigMap, byColour('red'))), namesOf(cache.list(ConfigMap, byColour('blue'))));
      return again;
    },
  });
  await run([maps]);
  expect(found).toEqual([['a', 'c'], ['c'], ['a', 'b']]);
});

test('objects are found by their owner, of any kind', async () => {
  const { client, run } = await world();
  const owner = await client.create(builtin.Node, { metadata: { name: 'node1' } });
  const reference = { apiVersion: 'v1', kind: 'Node', name: 'node1', uid: owner.metadata.uid! };
  await client.create(ConfigMap, map('mine', 'red', { ownerReferences: [reference] }));
  await client.create(ConfigMap, map('other', 'red', { ownerReferences: [{ ...reference, uid: 'another' }] }));
  await client.create(ConfigMap, map('free', 'red'));
  const found: string[][] = [];
  const nodes = controller({
    name: 'nodes',
    resource: builtin.Node,
    watches: [watch(ConfigMap, () => [])],
    reconcile: async ({ object, cache }) => {
      found.push(namesOf(cache.list(ConfigMap, ownedBy(object))));
      return done;
    },
  });
  await run([nodes]);
  expect(found).toEqual([['mine']]);
});

test('where only selections of a kind are watched, an index finds what any of them holds, once', () => {
  const caches = new SharedCaches({ client: {} as Client, clock: virtualClock(), log: silentLog, trace: untraced });
  const stores = ['x=1', 'y=1'].map((labelSelector) => caches.storeOf(ConfigMap, { labelSelector }));
  const at = (name: string, version: number) => map(name, 'red', { uid: `uid-${name}`, resourceVersion: `${version}` });
  for (const store of stores) store.put(at('both', 1));
  stores[0]!.put(at('first', 2));
  stores[1]!.put(at('second', 3));
  expect(namesOf(caches.list(ConfigMap, byColour('red')))).toEqual(['both', 'first', 'second']);
});

describe('an index of a store', () => {
  const at = (name: string, version: number, ...values: string[]): KubernetesObject => ({
    metadata: { name, resourceVersion: `${version}`, finalizers: values },
  });
  const valuesOf = ({ metadata }: Readonly<KubernetesObject>) => metadata.finalizers ?? [];

  test('follows objects that come, change, go, and are listed anew', () => {
    const store = new Store(builtin.Node);
    const all = () => ['x', 'y'].map((value) => namesOf(store.find({ valuesOf, value })));
    store.put(at('a', 1, 'x', 'y'));
    store.put(at('b', 2, 'x'));
    expect(all()).toEqual([['a', 'b'], ['a']]);
    store.put(at('a', 3, 'y'));
    store.put(at('b', 4, 'x', 'y'));
    expect(all()).toEqual([['b'], ['a', 'b']]);
    store.remove(at('b', 5));
    expect(all()).toEqual([[], ['a']]);
    store.replace([at('c', 6, 'x')], '7');
    expect(all()).toEqual([['c'], []]);
  });

  test('gives the newest state of an object whose value stays', () => {
    const store = new Store(builtin.Node);
    store.put(at('a', 1, 'x'));
    store.find({ valuesOf, value: 'x' });
    store.put(at('a', 2, 'x'));
    expect(store.find({ valuesOf, value: 'x' })).toEqual([store.get({ name: 'a' })]);
  });

  test('whose function throws fails who looks, not the watch', () => {
    const store = new Store(builtin.Node);
    const strict = ({ metadata }: Readonly<KubernetesObject>) => [metadata.labels!['a']!];
    expect(store.find({ valuesOf: strict, value: 'x' })).toEqual([]);
    store.put(at('a', 1));
    expect(() => store.find({ valuesOf: strict, value: 'x' })).toThrow(TypeError);
    expect(() => store.find({ valuesOf: strict, value: 'x' })).toThrow(TypeError);
    store.put({ metadata: { name: 'a', resourceVersion: '2', labels: { a: 'x' } } });
    expect(namesOf(store.find({ valuesOf: strict, value: 'x' }))).toEqual(['a']);
  });

  test('that is declared anew each time is refused before it eats the memory', () => {
    const store = new Store(builtin.Node);
    const look = () => store.find({ valuesOf: () => [], value: 'x' });
    for (let n = 0; n < 32; n += 1) look();
    expect(look).toThrow('more than 32 indexes of nodes: declare them outside of passes');
  });
});

test('nothing that the server did not make owns anything', () => {
  expect(() => ownedBy({ metadata: { name: 'a' } })).toThrow('a has no uid');
});
