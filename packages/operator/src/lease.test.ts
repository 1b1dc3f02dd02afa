import { expect, test } from 'vitest';
import { inMemoryApiServer, interceptWrites, virtualClock } from '../testing/index.ts';
import { builtin } from './builtin.ts';
import type { Client } from './client.ts';
import { LeadershipLost, whileHolding } from './lease.ts';
import { silentLog } from './log.ts';

const lease = { namespace: 'default', name: 'leader' };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

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
  const candidate = (identity: string, as: Client = client) => {
    const stop = new AbortController();
    const state = { works: false, ended: undefined as unknown };
    const work = (holding: AbortSignal) => {
      state.works = true;
      return new Promise<void>((resolve) =>
        holding.addEventListener('abort', () => {
          state.works = false;
          resolve();
        }),
      );
    };
    const run = whileHolding({ client: as, clock, log: silentLog, identity, lease }, stop.signal, work).then(
      () => (state.ended = 'stopped'),
      (error: unknown) => (state.ended = error),
    );
    return { state, run, stop: () => stop.abort() };
  };
  return { clock, client, advance, candidate };
}

test('of two candidates one works, and the other follows at once when it stops', async () => {
  const { advance, candidate, client } = world();
  const a = candidate('a');
  await advance(3000);
  const b = candidate('b');
  await advance(60_000);
  expect([a.state.works, b.state.works]).toEqual([true, false]);
  a.stop();
  await a.run;
  await advance(3000);
  expect([a.state.works, b.state.works]).toEqual([false, true]);
  expect((await client.get(builtin.Lease, 'leader', { namespace: 'default' }))?.spec).toMatchObject({
    holderIdentity: 'b',
    leaseTransitions: 1,
  });
  b.stop();
  await b.run;
});

test('a holder that can no longer renew has stopped before another may start', async () => {
  const { advance, candidate, client } = world();
  let cut = false;
  const flaky = interceptWrites(client, (_, act) => (cut ? Promise.reject(new Error('no route')) : act()));
  const a = candidate('a', {
    ...flaky,
    get: (...call) => (cut ? Promise.reject(new Error('no route')) : client.get(...call)),
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
  const a = candidate('a', hanging);
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
