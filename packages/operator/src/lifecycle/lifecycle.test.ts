import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  conditionList,
  inMemoryApiServer,
  type Interceptor,
  interceptWrites,
  settle,
  virtualClock,
} from '../../testing/index.ts';
import {
  ApiError,
  builtin,
  controller,
  customResource,
  findCondition,
  gone,
  lifecycle,
  type Lifecycle,
  type Log,
  manager,
  type ObjectOf,
  silentLog,
  sleep,
} from '../index.ts';

const Lamp = customResource({
  group: 'example.io',
  version: 'v1',
  kind: 'Lamp',
  plural: 'lamps',
  scope: 'Cluster',
  spec: z.object({ watts: z.int() }),
  status: z.object({
    state: z.enum(['Dark', 'Lit', 'Broken']).exactOptional(),
    nextTry: z.string().exactOptional(),
    conditions: conditionList().exactOptional(),
  }),
});
type Lamp = ObjectOf<typeof Lamp>;
type State = NonNullable<NonNullable<Lamp['status']>['state']>;
type Effect = { type: 'light'; params: { watts: number } } | { type: 'remove'; params?: undefined };

/** A lamp in the real world: what is done to it is not seen in the API. */
class Socket {
  watts = 0;
  tries = 0;
  refuses: Error | undefined;
  hides: Error | undefined;

  look(): number {
    if (this.hides !== undefined) throw this.hides;
    return this.watts;
  }

  light(watts: number): void {
    this.tries += 1;
    if (this.refuses !== undefined) throw this.refuses;
    this.watts = watts;
  }
}

const isOut = ({ metadata }: Lamp): boolean => metadata.deletionTimestamp !== undefined;

const lifeOf = (socket: Socket): Lifecycle<Lamp, number, State, Effect> => ({
  observe: async () => socket.look(),
  stateOf: ({ status }) => status?.state,
  decide: (saved = 'Dark', watts, lamp) => {
    if (saved === 'Broken') throw new Error('Lamp has no state "Broken"');
    if (isOut(lamp))
      return { state: saved, effects: watts === 0 ? [{ type: 'remove' }] : [{ type: 'light', params: { watts: 0 } }] };
    if (watts !== lamp.spec.watts)
      return { state: saved, effects: [{ type: 'light', params: { watts: lamp.spec.watts } }] };
    return { state: 'Lit', effects: [] };
  },
  status: ({ status }, { state }) => ({ ...status, state }),
  announce: ({ status }, { state, facts }) =>
    state === status?.state ? undefined : { type: 'Normal', reason: state, message: `It has ${facts} W.` },
  perform: () => ({ light: ({ watts }) => socket.light(watts), remove: () => gone }),
});

async function world({
  life,
  intercept,
  log = silentLog,
}: { life?: Partial<ReturnType<typeof lifeOf>>; intercept?: Interceptor; log?: Log } = {}) {
  const clock = virtualClock();
  const server = inMemoryApiServer({ clock, resources: [Lamp] });
  const client = server.client();
  const socket = new Socket();
  const live = lifecycle({ ...lifeOf(socket), ...life });
  const lamps = controller({
    name: 'lamp',
    resource: Lamp,
    resyncMs: 3_600_000,
    finalizer: { name: 'example.io/lit', cleanUp: live },
    reconcile: live,
  });
  await client.create(Lamp, { metadata: { name: 'a' }, spec: { watts: 40 } });
  const used = intercept === undefined ? client : interceptWrites(client, intercept);
  /** Until nothing is due, or for so long. */
  const run = async (forMs = Infinity) => {
    const managers = [manager({ client: used, controllers: [lamps], clock, log, identity: 'test' })];
    await settle({ clock, managers, atMostMs: forMs });
  };
  const status = async () => (await client.get(Lamp, 'a'))?.status;
  const stalled = async () => findCondition((await status())?.conditions, 'Stalled');
  return { clock, client, socket, run, status, stalled };
}

const refusal = Object.assign(new Error('the fuse is out. Put it in.'), { reason: 'FuseOut', retryAfterMs: 20_000 });

describe('a lifecycle', () => {
  test('looks, acts, and enters a state because it was observed', async () => {
    const { client, socket, run, status } = await world();
    await run();
    expect(socket).toMatchObject({ watts: 40, tries: 1 });
    expect(await status()).toEqual({ state: 'Lit' });
    expect((await client.get(Lamp, 'a'))?.metadata.finalizers).toEqual(['example.io/lit']);
  });

  test('saves the status before it does anything', async () => {
    const writes: string[] = [];
    const { socket, run } = await world({
      intercept: async (write, act) => {
        if (write.resource.startsWith('lamps')) writes.push(`${write.verb} at ${socket.watts} W`);
        return act();
      },
    });
    await run();
    expect(writes).toEqual(['update at 0 W', 'updateStatus at 0 W', 'updateStatus at 40 W']);
  });

  test('lets its object go once nothing is left of it', async () => {
    const { client, socket, run } = await world();
    await run();
    await client.delete(Lamp, 'a');
    socket.refuses = refusal;
    await run(10_000);
    expect((await client.get(Lamp, 'a'))?.metadata.deletionTimestamp).toBeDefined();
    socket.refuses = undefined;
    await run();
    expect(await client.get(Lamp, 'a')).toBeUndefined();
    expect(socket.watts).toBe(0);
  });

  test('goes on from a status that another version saved only when told what it means', async () => {
    const { client, socket, run, stalled } = await world();
    const lamp = await client.get(Lamp, 'a');
    await client.updateStatus(Lamp, { ...lamp!, status: { state: 'Broken' } });
    await run(30_000);
    expect(socket.tries).toBe(0);
    expect(await stalled()).toMatchObject({ status: 'True', message: 'Lamp has no state "Broken"' });
  });
});

describe('what is refused', () => {
  test('is told in status with the time of the next try, before which nothing is tried', async () => {
    const { clock, socket, run, status, stalled } = await world();
    socket.refuses = refusal;
    await run(15_000);
    expect(socket.tries).toBe(1);
    expect(await stalled()).toMatchObject({ status: 'True', reason: 'FuseOut', message: refusal.message });
    const nextMs = Date.parse((await status())?.nextTry ?? '');
    expect(nextMs).toBeGreaterThan(clock.now());
    // Another process finds it as it was left, and keeps to it.
    await run(nextMs - clock.now() - 2_000);
    expect(socket.tries).toBe(1);

    socket.refuses = undefined;
    await run();
    expect(socket.tries).toBe(2);
    expect(await stalled()).toMatchObject({ status: 'False' });
    expect(await status()).toMatchObject({ state: 'Lit' });
    expect(await status()).not.toHaveProperty('nextTry');
  });

  test('is tried at once when the order changes', async () => {
    const { client, socket, run } = await world();
    socket.refuses = refusal;
    await run(1_000);
    socket.refuses = undefined;
    await client.patch(Lamp, 'a', { spec: { watts: 60 } });
    await run(1_000);
    expect(socket.watts).toBe(60);
  });

  test('may be a look: told in the status that there is, and nothing is done', async () => {
    const { client, socket, run, status, stalled } = await world();
    await run();
    socket.hides = refusal;
    await client.patch(Lamp, 'a', { spec: { watts: 60 } });
    await run(10_000);
    expect(await stalled()).toMatchObject({ status: 'True', reason: 'FuseOut' });
    expect(await status()).toMatchObject({ state: 'Lit' });
    expect(socket.tries).toBe(1);
    socket.hides = undefined;
    await run();
    expect(socket.watts).toBe(60);
    expect(await stalled()).toMatchObject({ status: 'False' });
  });

  test('is looked at no sooner than it says, though the look takes its time and its refusal is written down', async () => {
    let looks = 0;
    const { clock, client, socket, run, status } = await world({
      life: {
        observe: async ({ signal }) => {
          looks += 1;
          await sleep(clock, 1_200, signal);
          return socket.look();
        },
      },
    });
    await run();
    looks = 0;
    socket.hides = refusal;
    await client.patch(Lamp, 'a', { spec: { watts: 60 } });
    await run(60_000);
    expect(looks).toBeGreaterThanOrEqual(3);
    expect(looks).toBeLessThanOrEqual(4);
    expect(Date.parse((await status())?.nextTry ?? '')).toBeGreaterThan(clock.now());
  });

  test('before there is a status, is an Event', async () => {
    const { client, socket, run, status } = await world();
    socket.hides = refusal;
    await run(10_000);
    expect(await status()).toBeUndefined();
    const { items } = await client.list(builtin.Event);
    expect(items).toMatchObject([{ type: 'Warning', reason: 'FuseOut', note: refusal.message }]);
  });

  test('rests no longer than ten minutes, whatever a clock that was set wrong wrote down', async () => {
    const { clock, client, socket, run } = await world();
    socket.refuses = refusal;
    await run(1_000);
    const nextTry = new Date(clock.now() + 365 * 86_400_000).toISOString();
    const lamp = (await client.get(Lamp, 'a'))!;
    await client.updateStatus(Lamp, { ...lamp, status: { ...lamp.status!, nextTry } });
    socket.refuses = undefined;
    await run(1_000);
    expect(socket.watts).toBe(40);
  });

  test('waits as long as the API server asks', async () => {
    const { clock, socket, run, status } = await world();
    socket.refuses = new ApiError(429, 'TooManyRequests', 'busy', { retryAfterMs: 60_000 });
    await run(1_000);
    expect(Date.parse((await status())?.nextTry ?? '') - clock.now()).toBeGreaterThan(55_000);
  });

  test('unforeseen, is told, and fails the pass too, so that it is logged and counted', async () => {
    const errors: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields) => errors.push(fields), child: () => log };
    const { socket, run, stalled } = await world({ log });
    socket.refuses = new TypeError('watts is not a function');
    await run(29_000);
    expect(await stalled()).toMatchObject({ status: 'True', reason: 'Failed', message: 'watts is not a function' });
    expect(errors).toEqual([expect.objectContaining({ err: socket.refuses })]);
    expect(socket.tries).toBe(1);
  });

  test('is no race that was lost: then the pass is taken up anew, and nothing is told', async () => {
    const { socket, run, stalled } = await world();
    socket.refuses = new ApiError(409, 'Conflict', 'changed since');
    await run(2_000);
    expect(socket.tries).toBeGreaterThan(1);
    expect(await stalled()).toBeUndefined();
  });
});

test('of a status that several share, a lifecycle says its own part alone', async () => {
  const shared = { shared: true, status: (_lamp: Lamp, { state }: { state: State }) => ({ state }) };
  const { client, socket, run, status, stalled } = await world({ life: shared });
  const conditions = [
    {
      type: 'Clean',
      status: 'True' as const,
      reason: 'Wiped',
      message: '.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ];
  const part = { metadata: { name: 'a' }, status: { conditions } };
  await client.applyStatus(Lamp, part, { fieldManager: 'cleaner' });
  socket.refuses = refusal;
  await run(10_000);
  expect((await status())?.conditions).toMatchObject([{ type: 'Clean' }, { type: 'Stalled', status: 'True' }]);
  socket.refuses = undefined;
  await run();
  expect(await stalled()).toMatchObject({ status: 'False' });
  expect(await status()).toMatchObject({ state: 'Lit', conditions: [{ type: 'Clean' }, {}] });
  expect(await status()).not.toHaveProperty('nextTry');
});

test('a look that finds nothing to decide ends the pass', async () => {
  const { socket, run, status } = await world({ life: { observe: async () => undefined } });
  await run();
  expect(socket.tries).toBe(0);
  expect(await status()).toBeUndefined();
});
