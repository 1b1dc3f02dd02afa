import { expect, test } from 'vitest';
import * as z from 'zod';
import { inMemoryApiServer, interceptWrites, settle, virtualClock } from '../testing/index.ts';
import {
  after,
  ApiError,
  builtin,
  type Client,
  controller,
  customResource,
  type Controller,
  done,
  gone,
  manager,
  type ObjectOf,
  type Pass,
  specChanged,
  watch,
} from './index.ts';

const kind = (name: string, plural: string) =>
  customResource({
    group: 'example.io',
    version: 'v1',
    kind: name,
    plural,
    scope: 'Cluster',
    spec: z.object({ size: z.int() }),
    status: z.object({ seen: z.int().exactOptional() }),
  });
const Box = kind('Box', 'boxes');
const Part = kind('Part', 'parts');
type Box = ObjectOf<typeof Box>;

const finalizer = 'example.io/parts';

async function world() {
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [Box, Part] }).client();
  const run = (...controllers: Controller[]) =>
    settle({ clock, managers: [manager({ client, controllers, clock, identity: 'test' })] });
  /** For a minute: what is refused for ever never settles. */
  run.as = (used: Client, ...controllers: Controller[]) =>
    settle({ clock, managers: [manager({ client: used, controllers, clock, identity: 'test' })], atMostMs: 60_000 });
  await client.create(Box, { metadata: { name: 'a' }, spec: { size: 1 } });
  const box = async () => (await client.get(Box, 'a'))!;
  return { client, run, box };
}

test('an object has its finalizer before the first pass over it', async () => {
  const { run, box } = await world();
  const seen: unknown[] = [];
  const reconcile = async ({ object }: Pass<Box>) => {
    seen.push(object.metadata.finalizers);
    return done;
  };
  await run(
    controller({ name: 'box', resource: Box, finalizer: { name: finalizer, cleanUp: async () => gone }, reconcile }),
  );
  expect(seen[0]).toEqual([finalizer]);
  expect((await box()).metadata.finalizers).toEqual([finalizer]);
});

test('only objects that it is to hold get one', async () => {
  const { client, run, box } = await world();
  const boxes = controller({
    name: 'box',
    resource: Box,
    finalizer: { name: finalizer, holds: ({ spec }) => spec.size > 1, cleanUp: async () => gone },
    reconcile: async () => done,
  });
  await run(boxes);
  expect((await box()).metadata.finalizers).toBeUndefined();
  await client.patch(Box, 'a', { spec: { size: 2 } });
  await run(boxes);
  expect((await box()).metadata.finalizers).toEqual([finalizer]);
  await client.patch(Box, 'a', { spec: { size: 1 } });
  await run(boxes);
  expect((await box()).metadata.finalizers ?? []).toEqual([]);
});

test('a finalizer that the server refuses is told in an Event', async () => {
  const { client, run } = await world();
  const boxes = controller({
    name: 'box',
    resource: Box,
    finalizer: { name: finalizer, cleanUp: async () => gone },
    reconcile: async () => done,
  });
  const refusing = interceptWrites(client, (write, act) => {
    if (write.verb === 'update' && write.resource.startsWith('boxes'))
      throw new ApiError(403, 'Forbidden', 'policy "no finalizers" denied the request');
    return act();
  });
  await run.as(refusing, boxes);
  const { items } = await client.list(builtin.Event);
  expect(items).toMatchObject([{ type: 'Warning', reason: 'Forbidden' }]);
});

test('a predicate that throws costs nobody a change', async () => {
  const { run, box } = await world();
  const boxes = controller({
    name: 'box',
    resource: Box,
    when: () => {
      throw new TypeError('no');
    },
    reconcile: async ({ status }) => {
      await status.write({ seen: 1 });
      return done;
    },
  });
  await run(boxes);
  expect((await box()).status).toEqual({ seen: 1 });
});

test('an object that is being deleted is cleaned up, and goes when the clean-up says gone', async () => {
  const { client, run, box } = await world();
  const passes: string[] = [];
  const boxes = (left: () => number) =>
    controller({
      name: 'box',
      resource: Box,
      finalizer: {
        name: finalizer,
        cleanUp: async () => {
          const parts = left();
          passes.push(`clean up, ${parts} left`);
          return parts === 0 ? gone : after(1000);
        },
      },
      reconcile: async () => {
        passes.push('reconcile');
        return done;
      },
    });
  await run(boxes(() => 1));
  await client.patch(Box, 'a', { metadata: { finalizers: [finalizer, 'example.io/other'] } });
  await client.delete(Box, 'a');
  let left = 2;
  await run(boxes(() => (left -= 1)));
  expect(passes.slice(-2)).toEqual(['clean up, 1 left', 'clean up, 0 left']);
  expect(new Set(passes.slice(0, -2))).toEqual(new Set(['reconcile']));
  // What others hold it for is theirs.
  expect((await box()).metadata.finalizers).toEqual(['example.io/other']);
});

test('a pass that says gone of an object that nobody deleted deletes it', async () => {
  const { client, run } = await world();
  const boxes = (name: string) =>
    controller({
      name,
      resource: Box,
      finalizer: { name: finalizer, cleanUp: async () => gone },
      reconcile: async () => gone,
    });
  await run(boxes('box'));
  expect(await client.get(Box, 'a')).toBeUndefined();
});

test('an object made anew under the name of one that went is left alone', async () => {
  const { client, run, box } = await world();
  const first = (await box()).metadata.uid;
  let passes = 0;
  await run(
    controller({
      name: 'box',
      resource: Box,
      reconcile: async ({ object }) => {
        passes += 1;
        if (object.metadata.uid !== first) return done;
        await client.delete(Box, 'a');
        await client.create(Box, { metadata: { name: 'a' }, spec: { size: 2 } });
        return gone;
      },
    }),
  );
  expect(await box()).toMatchObject({ spec: { size: 2 } });
  expect(passes).toBeGreaterThan(1);
});

test('a change of an object passes over those that own it, and no others', async () => {
  const { client, run, box } = await world();
  await client.create(Box, { metadata: { name: 'b' }, spec: { size: 1 } });
  const { uid = '' } = (await box()).metadata;
  const owner = { apiVersion: 'example.io/v1', kind: 'Box', name: 'a', uid };
  const passes: string[] = [];
  let isMade = false;
  await run(
    controller({
      name: 'box',
      resource: Box,
      owns: [Part],
      reconcile: async ({ name }) => {
        passes.push(name);
        if (isMade) return done;
        isMade = true;
        const strangers = { ...owner, kind: 'Crate', name: 'b' };
        await client.create(Part, { metadata: { name: 'p', ownerReferences: [owner, strangers] }, spec: { size: 1 } });
        return done;
      },
    }),
  );
  expect(passes.sort()).toEqual(['a', 'a', 'b']);
});

test('changes that a predicate does not hold for make no pass', async () => {
  const passesWith = async (more: { when?: typeof specChanged }): Promise<number> => {
    const { client, run, box } = await world();
    await client.create(Part, { metadata: { name: 'p' }, spec: { size: 1 } });
    let passes = 0;
    const boxes = controller({
      name: 'box',
      resource: Box,
      watches: [watch(Part, () => ['a'], more)],
      reconcile: async ({ status, cache }) => {
        passes += 1;
        await status.write({ seen: cache.get(Part, 'p')?.spec.size ?? 0 });
        return done;
      },
      ...more,
    });
    const parts = controller({
      name: 'part',
      resource: Part,
      reconcile: async ({ object, status, client: own }) => {
        await status.write({ seen: object.spec.size });
        if (object.spec.size === 3) return done;
        await own.patch(Part, 'p', { spec: { size: object.spec.size + 1 } });
        return after(1000);
      },
    });
    await run(boxes, parts);
    expect((await box()).status).toEqual({ seen: 3 });
    return passes;
  };
  expect(await passesWith({ when: specChanged })).toBeLessThan(await passesWith({}));
});
