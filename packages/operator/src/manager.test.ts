import { expect, test } from 'vitest';
import * as z from 'zod';
import { conditionList, inMemoryApiServer, interceptWrites, settle, virtualClock } from '../testing/index.ts';
import {
  after,
  again,
  ApiError,
  builtin,
  controller,
  customResource,
  done,
  manager,
  type ObjectOf,
  setCondition,
  watch,
  type Client,
  type Controller,
} from './index.ts';

const Box = customResource({
  group: 'example.io',
  version: 'v1',
  kind: 'Box',
  plural: 'boxes',
  scope: 'Cluster',
  spec: z.object({ node: z.string(), size: z.int().exactOptional() }),
  status: z.object({
    state: z.string().exactOptional(),
    free: z.int().exactOptional(),
    pools: z.record(z.string(), z.object({ free: z.int().exactOptional() })).exactOptional(),
    conditions: conditionList().exactOptional(),
  }),
  selectableFields: ['.spec.node'],
});
type Box = ObjectOf<typeof Box>;

const box = (name: string, node = 'node1'): Box => ({ metadata: { name }, spec: { node } });

async function world(...boxes: Box[]) {
  const clock = virtualClock();
  const server = inMemoryApiServer({ clock, resources: [Box] });
  const client = server.client();
  for (const one of boxes) await client.create(Box, one);
  const run = (controllers: Controller[], as: Client = client) =>
    settle({ clock, managers: [manager({ client: as, controllers, clock, identity: 'test' })] });
  return { clock, server, client, run };
}

test('objects are passed over until they are as wanted, and then left in peace', async () => {
  const { client, server, run } = await world(box('a'), box('b'));
  const seen: string[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ object, status }) => {
      seen.push(`${object.metadata.name} ${object.status?.state ?? ''}`);
      if (object.status?.state === 'Ready') return done;
      await status.write({ state: object.status?.state === 'Creating' ? 'Ready' : 'Creating' });
      return again;
    },
  });
  await run([boxes]);
  expect(seen.sort()).toEqual(['a ', 'a Creating', 'a Ready', 'b ', 'b Creating', 'b Ready']);
  expect((await client.get(Box, 'a'))?.status).toEqual({ state: 'Ready' });
  const version = server.version();
  await run([boxes]);
  expect(server.version()).toBe(version);
});

test('the server selects, and objects of others are not seen', async () => {
  const { run } = await world(box('mine', 'node1'), box('other', 'node2'));
  const seen = new Set<string>();
  const reconcile = async ({ object }: { object: Readonly<Box> }) => {
    seen.add(object.metadata.name);
    return done;
  };
  await run([controller({ name: 'box', resource: Box, select: { fieldSelector: 'spec.node=node1' }, reconcile })]);
  expect([...seen]).toEqual(['mine']);
});

test('a selection of one namespace asks the server for no other', async () => {
  const { client, run } = await world();
  const maps = [{ metadata: { name: 'mine', namespace: 'here' } }, { metadata: { name: 'other', namespace: 'there' } }];
  for (const map of maps) await client.create(builtin.ConfigMap, map);
  const listed: unknown[] = [];
  const telling: Client = {
    ...client,
    list: (resource, options) => {
      listed.push(options?.namespace);
      return client.list(resource, options);
    },
  };
  const seen: (string | undefined)[] = [];
  const reconcile: Parameters<typeof controller>[0]['reconcile'] = async ({ name, namespace }) => {
    seen.push(`${namespace}/${name}`);
    return done;
  };
  await run(
    [controller({ name: 'map', resource: builtin.ConfigMap, select: { namespace: 'here' }, reconcile })],
    telling,
  );
  expect(listed).toEqual(['here']);
  expect(seen).toEqual(['here/mine']);
});

test('a pass reads its own writes, so that what it made is not made again', async () => {
  const { client, run } = await world(box('a'));
  const made: string[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    watches: [watch(builtin.ConfigMap, () => [])],
    reconcile: async ({ name, cache, client }) => {
      if (cache.get(builtin.ConfigMap, name, 'default') !== undefined) return done;
      made.push(name);
      await client.create(builtin.ConfigMap, { metadata: { name, namespace: 'default' } });
      return again;
    },
  });
  await run([boxes]);
  expect(made).toEqual(['a']);
  expect(await client.get(builtin.ConfigMap, 'a', { namespace: 'default' })).toBeDefined();
});

test('a change of another object passes over those that it concerns', async () => {
  const { client, run } = await world(box('a', 'node1'), box('b', 'node2'));
  await client.create(builtin.Node, { metadata: { name: 'node1' }, spec: {} });
  const boxes = controller({
    name: 'box',
    resource: Box,
    watches: [
      watch(builtin.Node, (node, cache) =>
        cache.list(Box, (one) => one.spec.node === node.metadata.name).map((one) => one.metadata.name),
      ),
    ],
    reconcile: async ({ object, cache, status }) => {
      const cordoned = cache.get(builtin.Node, object.spec.node)?.spec?.unschedulable ?? false;
      await status.write({ state: cordoned ? 'Leaving' : 'Staying' });
      return done;
    },
  });
  const cordon = controller({
    name: 'cordon',
    resource: builtin.Node,
    reconcile: async ({ name, client, now }) => {
      if (now() < Date.UTC(2026, 0, 1) + 5000) return after(5000);
      await client.patch(builtin.Node, name, { spec: { unschedulable: true } });
      return done;
    },
  });
  await run([boxes, cordon]);
  expect((await client.get(Box, 'a'))?.status?.state).toBe('Leaving');
  expect((await client.get(Box, 'b'))?.status?.state).toBe('Staying');
});

test('a write over a status that someone changed meanwhile is refused, and the pass is taken up anew', async () => {
  const { client, run } = await world(box('a'));
  let meddled = false;
  const tries: (number | undefined)[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ object, status }) => {
      tries.push(object.status?.free);
      if (!meddled) {
        meddled = true;
        await client.updateStatus(Box, { ...object, status: { free: 7 } });
      }
      await status.write({ ...object.status, state: 'Ready' });
      return done;
    },
  });
  await run([boxes]);
  expect(tries.slice(0, 2)).toEqual([undefined, 7]);
  expect((await client.get(Box, 'a'))?.status).toEqual({ free: 7, state: 'Ready' });
});

test('two managers apply their part of one status and take back only their own', async () => {
  const { client, server, run } = await world(box('a'));
  const part = (name: string, make: (passes: number) => NonNullable<Box['status']>) => {
    let passes = 0;
    return controller({
      name,
      resource: Box,
      reconcile: async ({ status, now }) => {
        passes += 1;
        const conditions = setCondition([], { type: name, status: 'True', reason: 'Seen', message: '' }, now());
        await status.apply({ ...make(passes), conditions });
        return passes < 3 ? again : done;
      },
    });
  };
  await run([
    part('Agent', (passes) => (passes === 1 ? { free: 3 } : {})),
    part('Controller', () => ({ state: 'Ready' })),
  ]);
  const { status } = (await client.get(Box, 'a'))!;
  expect({ ...status, conditions: status?.conditions?.map(({ type }) => type).sort() }).toEqual({
    state: 'Ready',
    conditions: ['Agent', 'Controller'],
  });
  expect(server.version()).toBe(4);
});

test('a map whose last member goes is taken away with it, as is a member that has nothing to say', async () => {
  const { client, run } = await world(box('a'));
  const said: NonNullable<Box['status']>['pools'][] = [
    { hdd: { free: 3 }, ssd: { free: 1 } },
    { hdd: { free: 3 }, ssd: {} },
    {},
  ];
  const seen: unknown[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ status }) => {
      const [pools, ...later] = said;
      if (pools === undefined) return done;
      await status.apply({ state: 'Ready', pools });
      said.splice(0, said.length, ...later);
      seen.push((await client.get(Box, 'a'))?.status);
      return again;
    },
  });
  await run([boxes]);
  expect(seen).toEqual([
    { state: 'Ready', pools: { hdd: { free: 3 }, ssd: { free: 1 } } },
    { state: 'Ready', pools: { hdd: { free: 3 } } },
    { state: 'Ready' },
  ]);
});

test('a failing pass is tried again after a growing wait, and one that fails does not hold up others', async () => {
  const { clock, client, run } = await world(box('a'), box('b'));
  const start = clock.now();
  const tries: number[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    concurrency: 1,
    backoff: { baseMs: 100, maxMs: 1000 },
    reconcile: async ({ name, status, now }) => {
      if (name === 'a') tries.push(now() - start);
      if (name === 'a' && tries.length < 4) throw new Error('lvcreate failed');
      await status.write({ state: `${now() - start}` });
      return done;
    },
  });
  await run([boxes]);
  expect(tries.slice(0, 4)).toEqual([0, 100, 300, 700]);
  expect((await client.get(Box, 'b'))?.status?.state).toBe('0');
});

test('a pass that overruns its deadline is told to end, and writes nothing more', async () => {
  const { client, run } = await world(box('a'));
  let passes = 0;
  const boxes = controller({
    name: 'box',
    resource: Box,
    deadlineMs: 1000,
    reconcile: async ({ signal, status }) => {
      passes += 1;
      if (passes === 1) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await status.write({ state: 'Late' });
      }
      await status.write({ state: 'Ready' });
      return done;
    },
  });
  await run([boxes]);
  expect((await client.get(Box, 'a'))?.status).toEqual({ state: 'Ready' });
});

test('keys without an object go to `absent`: those that went, and seeds from the start', async () => {
  const { client, run } = await world(box('gone'));
  const absent: string[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    seeds: ['self'],
    reconcile: async ({ name, client }) => {
      if (name === 'gone') await client.delete(Box, name);
      return done;
    },
    absent: async ({ name, client }) => {
      absent.push(name);
      if (name === 'self') await client.create(Box, box('self'));
      return done;
    },
  });
  await run([boxes]);
  expect(absent.sort()).toEqual(['gone', 'self']);
  expect(await client.get(Box, 'self')).toBeDefined();
});

test('cached objects are frozen', async () => {
  const { run } = await world(box('a'));
  const refusals: unknown[] = [];
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ object }) => {
      try {
        object.spec.node = 'elsewhere';
      } catch (error) {
        refusals.push(error);
      }
      return done;
    },
  });
  await run([boxes]);
  expect(refusals).toEqual([expect.any(TypeError)]);
});

test('watches that end, break or are told that they are too old lose nothing', async () => {
  const { client, server, clock } = await world(box('a'));
  const seen = new Map<string, string>();
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ object }) => {
      seen.set(object.metadata.name, object.spec.node);
      return done;
    },
    absent: async ({ name }) => {
      seen.delete(name);
      return done;
    },
  });
  let step = 0;
  const breaking: Client = {
    ...client,
    async list(resource, options) {
      step += 1;
      if (step === 1) throw new ApiError(503, 'ServiceUnavailable', 'not yet');
      return client.list(resource, options);
    },
    async *watch(resource, options) {
      step += 1;
      if (step === 3) throw new Error('connection reset');
      if (step === 4) {
        await client.create(Box, box('b'));
        await client.delete(Box, 'a');
        server.compact();
        throw new ApiError(410, 'Expired', 'too old');
      }
      yield* client.watch(resource, options);
    },
  };
  await settle({ clock, managers: [manager({ client: breaking, controllers: [boxes], clock })] });
  expect(Object.fromEntries(seen)).toEqual({ b: 'node1' });
});

test('events tell of an object, and the same thing told by another process is counted', async () => {
  const { client, clock, run } = await world(box('a'));
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ events }) => {
      events.emit({ type: 'Warning', reason: 'VolumeGroupFull', message: 'No room.' });
      events.emit({ type: 'Warning', reason: 'VolumeGroupFull', message: 'No room.' });
      return done;
    },
  });
  await run([boxes]);
  clock.advance(120_000);
  await run([boxes]);
  const { items } = await client.list(builtin.Event);
  expect(items).toMatchObject([
    {
      metadata: { namespace: 'default' },
      reason: 'VolumeGroupFull',
      note: 'No room.',
      regarding: { kind: 'Box', name: 'a' },
      reportingController: 'box',
      series: { count: 2, lastObservedTime: '2026-01-01T00:02:00.000000Z' },
    },
  ]);
});

test('a process killed before or after any write leaves what the next one completes', async () => {
  const boxes = controller({
    name: 'box',
    resource: Box,
    reconcile: async ({ object, status, client }) => {
      if (object.status?.state === 'Ready') return done;
      if (object.status?.state !== 'Creating') {
        await status.write({ state: 'Creating' });
        return again;
      }
      await client.apply(
        builtin.ConfigMap,
        { metadata: { name: object.metadata.name, namespace: 'default' }, data: { made: 'once' } },
        { fieldManager: 'box' },
      );
      await status.write({ state: 'Ready' });
      return done;
    },
  });
  const calm = await world(box('a'), box('b'));
  let writes = 0;
  await calm.run(
    [boxes],
    interceptWrites(calm.client, (_, act) => {
      writes += 1;
      return act();
    }),
  );
  expect(writes).toBe(6);
  for (let n = 1; n <= writes; n += 1) {
    for (const when of ['before', 'after']) {
      const { client, server, clock, run } = await world(box('a'), box('b'));
      const kill = new AbortController();
      let count = 0;
      const dying = interceptWrites(client, async (_, act) => {
        kill.signal.throwIfAborted();
        count += 1;
        if (count < n) return act();
        const answer = when === 'after' ? await act() : undefined;
        kill.abort(new Error('killed'));
        if (answer === undefined) throw new Error('killed');
        return answer;
      });
      const victim = manager({ client: dying, controllers: [boxes], clock });
      await expect(settle({ clock, managers: [victim], killed: kill.signal })).rejects.toThrow('killed');
      await run([boxes]);
      expect(server.dump(), `killed ${when} write ${n}`).toEqual(calm.server.dump());
    }
  }
});
