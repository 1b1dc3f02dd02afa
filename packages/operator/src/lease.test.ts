import { expect, test } from 'vitest';
import { inMemoryApiServer, interceptWrites, virtualClock } from '../testing/index.ts';
import { builtin } from './builtin.ts';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import { LeadershipLost, type Tenure } from './held-lease.ts';
import { whileHolding, type LeaseOptions } from './lease.ts';
import { silentLog } from './log.ts';

const lease = { namespace: 'default', name: 'leader' };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Process {
  client?: Client;
  clock?: Clock;
  lease?: LeaseOptions;
}

function world() {
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [] }).client();
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.advance(Math.min(1000, left));
      await turn();
    }
  };
  /** A candidate that works until it is told to stop. */
  const candidate = (identity: string, process: Process = {}) => {
    const stop = new AbortController();
    const state = { works: false, ended: undefined as unknown, tenure: undefined as Tenure | undefined };
    const work = (tenure: Tenure) => {
      state.works = true;
      state.tenure = tenure;
      return new Promise<void>((resolve) =>
        AbortSignal.any([stop.signal, tenure.lost]).addEventListener('abort', () => {
          state.works = false;
          resolve();
        }),
      );
    };
    const run = whileHolding({ client, clock, log: silentLog, identity, lease, ...process }, stop.signal, work).then(
      () => (state.ended = 'stopped'),
      (error: unknown) => (state.ended = error),
    );
    return { state, run, stop: () => stop.abort() };
  };
  const holder = async () => (await client.get(builtin.Lease, 'leader', { namespace: 'default' }))?.spec;
  return { clock, client, advance, candidate, holder };
}

test('of two candidates one works, and the other follows at once when it stops', async () => {
  const { advance, candidate, holder } = world();
  const a = candidate('a');
  await advance(3000);
  const b = candidate('b');
  await advance(60_000);
  expect([a.state.works, b.state.works]).toEqual([true, false]);
  a.stop();
  await a.run;
  await advance(3000);
  expect([a.state.works, b.state.works]).toEqual([false, true]);
  expect(await holder()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  b.stop();
  await b.run;
});

test('a holder that can no longer renew has stopped before another may start', async () => {
  const { advance, candidate, client } = world();
  let cut = false;
  const flaky = interceptWrites(client, (_, act) => (cut ? Promise.reject(new Error('no route')) : act()));
  const a = candidate('a', {
    client: { ...flaky, get: (...call) => (cut ? Promise.reject(new Error('no route')) : client.get(...call)) },
  });
  await advance(3000);
  const b = candidate('b');
  await advance(3000);
  cut = true;
  const both: boolean[] = [];
  for (let second = 0; second < 30; second += 1) {
    await advance(1000);
    both.push(a.state.works && b.state.works);
  }
  expect(both).not.toContain(true);
  expect(a.state.ended).toBeInstanceOf(LeadershipLost);
  expect(b.state.works).toBe(true);
  b.stop();
  await b.run;
});

test('a holder whose call hangs stops all the same', async () => {
  const { advance, candidate, client } = world();
  let hangs = false;
  const hanging: Client = {
    ...client,
    update: (resource, object, options) =>
      hangs
        ? new Promise((_, reject) => options?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
        : client.update(resource, object, options),
  };
  const a = candidate('a', { client: hanging });
  await advance(3000);
  hangs = true;
  await advance(14_000);
  await a.run;
  expect(a.state.ended).toBeInstanceOf(LeadershipLost);
});

test('a holder that sees its lease in the hands of another stops', async () => {
  const { advance, candidate, client } = world();
  const a = candidate('a');
  await advance(3000);
  await client.patch(builtin.Lease, 'leader', { spec: { holderIdentity: 'b' } }, { namespace: 'default' });
  await advance(3000);
  await a.run;
  expect(a.state).toMatchObject({ works: false, ended: { message: 'lease default/leader is held by b' } });
});

test('a holder whose renewal arrived without an answer goes on', async () => {
  const { advance, candidate, client } = world();
  let deaf = false;
  const a = candidate('a', {
    client: interceptWrites(client, async (_, act) => {
      const answer = await act();
      if (deaf) throw new Error('connection reset');
      return answer;
    }),
  });
  await advance(3000);
  deaf = true;
  await advance(5000);
  deaf = false;
  await advance(30_000);
  expect(a.state.works).toBe(true);
  a.stop();
  await a.run;
});

test('a lease whose taking was answered too late is not worked under', async () => {
  const { clock, advance, candidate, client } = world();
  const slow = interceptWrites(client, async (_, act) => {
    const answer = await act();
    await new Promise<void>((resolve) => void clock.timer(12_000, resolve));
    return answer;
  });
  const a = candidate('a', { client: slow });
  await advance(20_000);
  await a.run;
  expect(a.state).toMatchObject({ works: false, tenure: undefined, ended: { name: 'LeadershipLost' } });
});

test('a wall clock that is set forward makes no candidate take over, and one set back lets no holder hold on', async () => {
  const { clock, advance, candidate, client } = world();
  const hourMs = 3_600_000;
  let setMs = 0;
  let cut = false;
  const a = candidate('a', {
    clock: { ...clock, now: () => clock.now() - setMs },
    client: interceptWrites(client, (_, act) => (cut ? Promise.reject(new Error('no route')) : act())),
  });
  await advance(3000);
  const b = candidate('b', { clock: { ...clock, now: () => clock.now() + setMs } });
  await advance(3000);
  setMs = hourMs;
  await advance(12_000);
  expect([a.state.works, b.state.works]).toEqual([true, false]);
  cut = true;
  await advance(12_000);
  await a.run;
  expect(a.state.ended).toBeInstanceOf(LeadershipLost);
  b.stop();
  await b.run;
});

test('a holder whose machine slept, so that only the wall clock went on, knows it before its timer fires', async () => {
  const { clock, advance, candidate } = world();
  let slept = 0;
  const a = candidate('a', { clock: { ...clock, now: () => clock.now() + slept } });
  await advance(3000);
  a.state.tenure!.check();
  slept = 60_000;
  expect(() => a.state.tenure!.check()).toThrow(LeadershipLost);
  await a.run;
  expect(a.state.works).toBe(false);
});

test('a tenure that was given up lets nothing more pass', async () => {
  const { advance, candidate } = world();
  const a = candidate('a');
  await advance(3000);
  a.stop();
  await a.run;
  expect(() => a.state.tenure!.check()).toThrow('lease default/leader was given up');
});

test('a lease under which the work failed is left to run out, since something of it may go on', async () => {
  const { clock, client, holder } = world();
  const candidate = { client, clock, log: silentLog, identity: 'a', lease };
  const { signal } = new AbortController();
  const failing = whileHolding(candidate, signal, () => Promise.reject(new Error('a pass did not end')));
  await expect(failing).rejects.toThrow('a pass did not end');
  expect(await holder()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15 });
});

test('a holder that stops while its renewal is on the way gives the lease up all the same', async () => {
  const { advance, candidate, client, holder } = world();
  let isFirst = true;
  const a = candidate('a', {
    client: {
      ...client,
      async update(resource, object, options) {
        const answer = await client.update(resource, object);
        if (isFirst) {
          isFirst = false;
          await new Promise((resolve) => options!.signal!.addEventListener('abort', resolve));
          throw new Error('aborted');
        }
        return answer;
      },
    },
  });
  await advance(3000);
  a.stop();
  await a.run;
  expect(await holder()).toMatchObject({ holderIdentity: '' });
});

test('a candidate that is stopped while it waits ends', async () => {
  const { advance, candidate } = world();
  const a = candidate('a');
  await advance(2000);
  const b = candidate('b');
  await advance(2000);
  b.stop();
  await b.run;
  expect(b.state.ended).toBe('stopped');
  a.stop();
  await a.run;
});

test.each([
  { why: 'others may take over while it works', times: { durationMs: 5000 } },
  { why: 'there is no time for a second try', times: { retryMs: 10_000 } },
  { why: 'it would never rest', times: { retryMs: 0 } },
])('times are refused when $why', async ({ times }) => {
  const { candidate } = world();
  const a = candidate('a', { lease: { ...lease, ...times } });
  await a.run;
  expect(a.state.ended).toBeInstanceOf(RangeError);
});
