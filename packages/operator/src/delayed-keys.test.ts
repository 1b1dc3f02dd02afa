import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { virtualClock } from '../testing/virtual-clock.ts';
import type { Clock } from './clock.ts';
import { DelayedKeys } from './delayed-keys.ts';

const dayMs = 86_400_000;

/** Delayed keys, and a log of when each was due. */
function delayed(clock = virtualClock(0), of: Partial<Clock> = {}) {
  const log: string[] = [];
  const keys = new DelayedKeys({ ...clock, ...of }, (key) => log.push(`${key}@${clock.now()}`));
  return { clock, log, keys };
}

test('however many keys wait, one timer is set, for the first', () => {
  let timers = 0;
  const clock = virtualClock(0);
  const timer: Clock['timer'] = (ms, callback) => {
    timers += 1;
    const cancel = clock.timer(ms, callback);
    return () => {
      timers -= 1;
      cancel();
    };
  };
  const { keys } = delayed(clock, { timer });
  for (let n = 1; n <= 100; n += 1) keys.add(`key${n}`, 1000 - n, { resync: n % 2 === 0 });
  expect(timers).toBe(1);
  expect(clock.next()).toBe(900);
  keys.delete('key100');
  expect(clock.next()).toBe(901);
  keys.clear();
  expect(timers).toBe(0);
});

test('a wait that is longer than a timer takes is waited for to its end', () => {
  const waits: number[] = [];
  const clock = virtualClock(0);
  const timer: Clock['timer'] = (ms, callback) => {
    waits.push(ms);
    return clock.timer(ms, callback);
  };
  const { keys, log } = delayed(clock, { timer });
  keys.add('a', 60 * dayMs, { resync: false });
  clock.advance(100 * dayMs);
  expect(log).toEqual([`a@${60 * dayMs}`]);
  expect(Math.max(...waits)).toBeLessThan(2 ** 31);
});

test('a timer that fires early runs no key early', () => {
  const clock = virtualClock(0);
  const { keys, log } = delayed(clock, { timer: (ms, callback) => clock.timer(Math.ceil(ms / 2), callback) });
  keys.add('a', 100, { resync: false });
  clock.advance(1000);
  expect(log).toEqual(['a@100']);
});

test('setting the wall clock changes neither when a key is due nor how long that is to come', () => {
  const clock = virtualClock(0);
  const { keys, log } = delayed(clock, { now: () => clock.now() - dayMs });
  keys.add('a', 100, { resync: false });
  clock.advance(40);
  expect(keys.due()).toBe(100 - dayMs);
  clock.advance(60);
  expect(log).toEqual(['a@100']);
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd'), ms: fc.nat(20), resync: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ delete: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 2, arbitrary: fc.record({ advance: fc.nat(10) }) },
);

property.prop([fc.array(step, { maxLength: 60 })])(
  'keys are due as if each had a timer of its own, and time can be moved from one to the next',
  (steps) => {
    const { clock, keys, log } = delayed();
    const expected = new Map<string, { at: number; resync: boolean }>();
    const expectedLog: string[] = [];
    for (const step of steps) {
      if ('add' in step) {
        const at = clock.now() + step.ms;
        const earlier = expected.get(step.add);
        const stays = earlier !== undefined && earlier.at <= at && !(earlier.resync && !step.resync);
        if (!stays) expected.set(step.add, { at, resync: step.resync });
        keys.add(step.add, step.ms, step);
      } else if ('delete' in step) {
        expected.delete(step.delete);
        keys.delete(step.delete);
      } else {
        clock.advance(step.advance);
        for (const [key, { at }] of expected) {
          if (at > clock.now()) continue;
          expectedLog.push(`${key}@${at}`);
          expected.delete(key);
        }
      }
      expect(log.toSorted()).toEqual(expectedLog.toSorted());
      const asked = [...expected.values()].filter(({ resync }) => !resync).map(({ at }) => at);
      expect(keys.due()).toBe(asked.length === 0 ? undefined : Math.min(...asked));
      const all = [...expected.values()].map(({ at }) => at);
      expect(clock.next()).toBe(all.length === 0 ? undefined : Math.min(...all));
    }
  },
);
