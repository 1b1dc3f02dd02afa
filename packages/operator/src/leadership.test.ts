import { expect, test } from 'vitest';
import { inMemoryApiServer, interceptWrites, virtualClock, type VirtualClock } from '../testing/index.ts';
import {
  builtin,
  controller,
  done,
  LeadershipLost,
  manager,
  type Client,
  type Clock,
  type Controller,
} from './index.ts';

const lease = { namespace: 'default', name: 'leader' };
const where = { namespace: 'default' };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * A process that can be frozen: then nothing reaches it, neither answers nor timers. When it thaws, answers come
 * before the timers that fell due, as a real event loop may have it.
 */
function freezable(clock: VirtualClock, client: Client) {
  let thawed = Promise.resolve();
  let isFrozen = false;
  let wake = () => {};
  const overdue = new Set<() => void>();
  const own: Clock = {
    ...clock,
    timer(ms, callback) {
      const cancel = clock.timer(ms, () => (isFrozen ? overdue.add(callback) : callback()));
      return () => {
        cancel();
        overdue.delete(callback);
      };
    },
  };
  const arriving = async <T>(answer: Promise<T>): Promise<T> => {
    await answer.catch(() => {});
    await thawed;
    return answer;
  };
  const late = interceptWrites(client, (_, act) => arriving(act()));
  return {
    clock: own,
    client: {
      ...late,
      get: (...call) => arriving(client.get(...call)),
      async *watch(...call) {
        for await (const event of client.watch(...call)) {
          await thawed;
          yield event;
        }
      },
    } as Client,
    freeze() {
      isFrozen = true;
      thawed = new Promise((resolve) => (wake = resolve));
    },
    async thaw() {
      isFrozen = false;
      wake();
      await turn();
      for (const callback of overdue) callback();
      await turn();
    },
  };
}

async function world() {
  const clock = virtualClock();
  const server = inMemoryApiServer({ clock, resources: [] });
  await server.client().create(builtin.ConfigMap, { metadata: { name: 'journal', ...where } });
  /** What the server took, in order. */
  const taken: string[] = [];
  const clientOf = (who: string) =>
    interceptWrites(server.client(), async ({ verb, resource }, act) => {
      const answer = await act();
      taken.push(`${who} ${verb} ${resource}`);
      return answer;
    });
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.advance(Math.min(1000, left));
      await turn();
    }
  };
  const start = (who: string, client: Client, own: Clock, controllers: Controller[]) => {
    const stop = new AbortController();
    const options = { client, clock: own, identity: who, leaderElection: lease, controllers };
    const run = manager(options)
      .run(stop.signal)
      .then(
        () => 'stopped',
        (error: unknown) => error,
      );
    return { run, stop: () => stop.abort() };
  };
  const journal = async () => (await server.client().get(builtin.ConfigMap, 'journal', where))!;
  return { clock, taken, clientOf, advance, start, journal };
}

/** Looks at the journal once and does something with it. */
const once = (reconcile: Controller['reconcile']) =>
  controller({ name: 'journal', resource: builtin.ConfigMap, reconcile });

const writer = (who: string) =>
  once(async ({ client, name }) => {
    await client.patch(builtin.ConfigMap, name, { data: { [who]: 'was here' } }, where);
    return done;
  });

test('a leader that was frozen past its lease writes nothing when it wakes up, though its timers are still to fire', async () => {
  const { clock, taken, clientOf, advance, start, journal } = await world();
  const a = freezable(clock, clientOf('a'));
  const outcomes: unknown[] = [];
  const frozenInAPass = once(async ({ client, events, name, signal }) => {
    const freezes = outcomes.length === 0;
    if (freezes) a.freeze();
    await client.get(builtin.ConfigMap, name, where);
    outcomes.push(signal.aborted);
    events.emit({ type: 'Normal', reason: 'WokeUp', message: 'No one is to read this.' });
    await client.patch(builtin.ConfigMap, name, { data: { a: 'was late' } }, where).catch((error: unknown) => {
      outcomes.push(error);
    });
    return done;
  });
  const first = start('a', a.client, a.clock, [frozenInAPass]);
  await advance(3000);
  const second = start('b', clientOf('b'), clock, [writer('b')]);
  await advance(30_000);
  expect((await journal()).data).toEqual({ b: 'was here' });
  const before = taken.length;
  await a.thaw();
  expect(outcomes).toEqual([false, expect.any(LeadershipLost)]);
  expect(await first.run).toBeInstanceOf(LeadershipLost);
  await advance(30_000);
  expect(taken.slice(before).filter((write) => write.startsWith('a '))).toEqual([]);
  expect((await journal()).data).toEqual({ b: 'was here' });
  second.stop();
  await second.run;
});

test('what a frozen leader had put on the wire arrives, and only a compare-and-swap refuses it', async () => {
  const { clock, clientOf, advance, start, journal } = await world();
  let deliver = () => {};
  const wire = new Promise<void>((resolve) => (deliver = resolve));
  const slow = interceptWrites(clientOf('a'), async ({ resource }, act) => {
    if (resource === 'configmaps') await wire;
    return act();
  });
  const a = freezable(clock, slow);
  const outcomes: Record<string, string> = {};
  const tried = (how: string, write: Promise<unknown>) =>
    write.then(
      () => (outcomes[how] = 'done'),
      (error: { reason: string }) => (outcomes[how] = error.reason),
    );
  const sends = once(async ({ client, object, name }) => {
    if (Object.keys(outcomes).length > 0) return done;
    const { resourceVersion } = object.metadata;
    const sent = [
      tried('update', client.update(builtin.ConfigMap, { ...object, data: { a: 'late' } })),
      tried('patch', client.patch(builtin.ConfigMap, name, { metadata: { resourceVersion } }, where)),
      tried('blind patch', client.patch(builtin.ConfigMap, name, { data: { a: 'blind' } }, where)),
    ];
    a.freeze();
    await Promise.all(sent);
    return done;
  });
  const first = start('a', a.client, a.clock, [sends]);
  await advance(3000);
  const second = start('b', clientOf('b'), clock, [writer('b')]);
  await advance(30_000);
  deliver();
  await turn();
  expect((await journal()).data).toEqual({ a: 'blind', b: 'was here' });
  await a.thaw();
  expect(await first.run).toBeInstanceOf(LeadershipLost);
  await turn();
  expect(outcomes).toEqual({ update: 'Conflict', patch: 'Conflict', 'blind patch': 'done' });
  second.stop();
  await second.run;
});
