import { expect, test } from 'vitest';
import { inMemoryApiServer, interceptWrites, virtualClock } from '../testing/index.ts';
import {
  builtin,
  controller,
  done,
  healthServer,
  manager,
  type Client,
  type Clock,
  type Controller,
  type ManagerOptions,
} from './index.ts';

const lease = { namespace: 'default', name: 'leader' };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const where = { namespace: 'default' };

/** A manager whose only object, the ConfigMap `a`, is being passed over. */
async function running(
  reconcileBy: (clock: Clock) => Controller['reconcile'],
  options: Partial<ManagerOptions> & { as?: (client: Client) => Client } = {},
) {
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [] }).client();
  await client.create(builtin.ConfigMap, { metadata: { name: 'a', ...where } });
  const { as = (same: Client) => same, ...more } = options;
  const controllers = [controller({ name: 'map', resource: builtin.ConfigMap, reconcile: reconcileBy(clock) })];
  const one = manager({ client: as(client), clock, controllers, leaderElection: lease, identity: 'test', ...more });
  const stop = new AbortController();
  const abort = new AbortController();
  const state = { ended: undefined as unknown };
  const run = one.run(stop.signal, abort.signal).then(
    () => (state.ended = 'stopped'),
    (error: unknown) => (state.ended = error),
  );
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(500);
      await turn();
    }
  };
  await advance(1000);
  const after = async (signal: AbortController) => {
    signal.abort();
    await turn();
  };
  return { clock, client, run, state, stop: () => after(stop), abort: () => after(abort), advance };
}

const holderOf = async (client: Client) => (await client.get(builtin.Lease, 'leader', where))?.spec?.holderIdentity;
const dataOf = async (client: Client) => (await client.get(builtin.ConfigMap, 'a', where))?.data;
const later = (clock: Clock, ms: number) => new Promise<void>((resolve) => void clock.timer(ms, resolve));

test('a pass that runs when the manager stops may finish, seeing what changes, and only then the lease is free', async () => {
  const seen: unknown[] = [];
  let passes = 0;
  const world = await running((clock) => async ({ client, cache, events, signal }) => {
    passes += 1;
    await later(clock, 10_000);
    seen.push(cache.get(builtin.ConfigMap, 'a', 'default')?.data, signal.aborted);
    events.emit({ type: 'Normal', reason: 'Finished', message: 'Done.' });
    await client.patch(builtin.ConfigMap, 'a', { data: { pass: 'finished' } }, where);
    return done;
  });
  const { client, stop, advance, run, state } = world;
  await stop();
  await advance(5000);
  await client.patch(builtin.ConfigMap, 'a', { data: { other: 'wrote' } }, where);
  await client.create(builtin.ConfigMap, { metadata: { name: 'b', ...where } });
  expect([await holderOf(client), state.ended]).toEqual(['test', undefined]);
  await advance(5000);
  await run;
  expect(state.ended).toBe('stopped');
  expect(seen).toEqual([{ other: 'wrote' }, false]);
  expect(await dataOf(client)).toEqual({ other: 'wrote', pass: 'finished' });
  expect((await client.list(builtin.Event)).items).toMatchObject([{ reason: 'Finished' }]);
  expect([await holderOf(client), passes]).toEqual(['', 1]);
});

test('a pass that outlasts the grace is told to end and writes nothing more', async () => {
  const refusals: unknown[] = [];
  const world = await running(
    () =>
      async ({ client, signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await client.patch(builtin.ConfigMap, 'a', { data: { pass: 'late' } }, where).catch((error: Error) => {
          refusals.push(error.message);
        });
        return done;
      },
    { graceMs: 4000 },
  );
  await world.stop();
  await world.advance(3500);
  expect(world.state.ended).toBeUndefined();
  await world.advance(500);
  await world.run;
  expect(world.state.ended).toBe('stopped');
  expect(refusals).toEqual(['the manager stops']);
  expect([await dataOf(world.client), await holderOf(world.client)]).toEqual([undefined, '']);
});

test('a manager that is aborted gives no grace', async () => {
  const world = await running(() => async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return done;
  });
  await world.stop();
  expect(world.state.ended).toBeUndefined();
  await world.abort();
  await world.run;
  expect(world.state.ended).toBe('stopped');
});

test('a pass that ends for nothing holds the stop up no longer than it may, and keeps the lease', async () => {
  const { stop, advance, run, state, client } = await running(() => () => new Promise(() => {}), { graceMs: 4000 });
  await stop();
  await advance(7000);
  await run;
  expect(state.ended).toMatchObject({ message: 'told to end 3000 ms ago, and still running: map default/a' });
  expect(await holderOf(client)).toBe('test');
});

test('events that cannot be written hold the stop up no longer than they may', async () => {
  const world = await running(
    () =>
      async ({ events }) => {
        events.emit({ type: 'Normal', reason: 'Told', message: 'Nobody hears this.' });
        return done;
      },
    {
      as: (client) =>
        interceptWrites(client, ({ resource }, act) =>
          resource === 'events.events.k8s.io' ? new Promise(() => {}) : act(),
        ),
    },
  );
  await world.stop();
  await world.advance(1500);
  expect(world.state.ended).toBeUndefined();
  await world.advance(500);
  await world.run;
  expect(world.state.ended).toBe('stopped');
});

test('a trigger that fails ends the manager with what it threw, after the passes that run', async () => {
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [] }).client();
  await client.create(builtin.ConfigMap, { metadata: { name: 'a', ...where } });
  const order: string[] = [];
  let fail: (error: Error) => void = () => {};
  const broken = controller({
    name: 'broken',
    resource: builtin.Node,
    trigger: () => new Promise<void>((_, reject) => (fail = reject)),
    reconcile: async () => done,
  });
  const busy = controller({
    name: 'busy',
    resource: builtin.ConfigMap,
    reconcile: async () => {
      await later(clock, 2000);
      order.push('pass ended');
      return done;
    },
  });
  const run = manager({ client, clock, controllers: [broken, busy] })
    .run(new AbortController().signal)
    .catch((error: Error) => order.push(error.message));
  await turn();
  fail(new Error('no inotify'));
  await turn();
  expect(order).toEqual([]);
  clock.advance(2000);
  await run;
  expect(order).toEqual(['pass ended', 'no inotify']);
});

test('readiness ends with the word to stop, and the health server with the manager', async () => {
  const health = healthServer({ port: 0, host: '127.0.0.1' });
  const statusOf = async (path: string) => (await fetch(health.url() + path)).status;
  const world = await running(
    (clock) => async () => {
      await later(clock, 3000);
      return done;
    },
    { health },
  );
  while (world.state.ended === undefined && (await statusOf('/readyz')) !== 200) await world.advance(500);
  const url = health.url();
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('[+]manager ok\n');
  await world.stop();
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('[-]manager failed: stopping\n');
  expect(await statusOf('/healthz')).toBe(200);
  await world.advance(5000);
  await world.run;
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a candidate that waits for the lease is ready, and a pass far beyond its deadline is not alive', async () => {
  const waiting = healthServer({ port: 0, host: '127.0.0.1' });
  const working = healthServer({ port: 0, host: '127.0.0.1' });
  const world = await running(() => () => new Promise(() => {}), { health: working, stuckFactor: 2 });
  const stop = new AbortController();
  const { client, clock } = world;
  const second = manager({ client, clock, controllers: [], leaderElection: lease, health: waiting });
  const run = second.run(stop.signal);
  const textOf = async (url: string) => (await fetch(url)).text();
  await world.advance(3000);
  expect(await textOf(`${waiting.url()}/readyz`)).toBe('[+]manager ok\n');
  await world.advance(230_000);
  expect(await textOf(`${working.url()}/healthz`)).toBe('[+]passes ok\n');
  await world.advance(10_000);
  expect(await textOf(`${working.url()}/healthz`)).toBe('[-]passes failed: far beyond their deadline: map default/a\n');
  stop.abort();
  await run;
  await world.abort();
  await world.stop();
  await world.advance(3000);
  await world.run;
});
