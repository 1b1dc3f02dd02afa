import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { virtualClock } from '../testing/virtual-clock.ts';
import { after, again, done, type Result } from './result.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function queueOf(work: (key: string) => Promise<Result>, options: Partial<WorkQueueOptions> = {}) {
  const clock = virtualClock(0);
  const runs: string[] = [];
  const queue = new WorkQueue({
    clock,
    concurrency: 1,
    resyncMs: () => undefined,
    failed: () => 0,
    ...options,
    work: (key) => {
      runs.push(`${key}@${clock.now()}`);
      return work(key);
    },
  });
  const advance = async (ms: number) => {
    clock.advance(ms);
    await turn();
  };
  return { queue, clock, runs, advance };
}

test('a key added many times before it runs is run once', async () => {
  const { queue, runs } = queueOf(async () => done);
  queue.add('a');
  queue.add('a');
  queue.start();
  await turn();
  expect(runs).toEqual(['a@0']);
});

test('a key added while it runs is run once more after, never beside itself', async () => {
  let finish = () => {};
  const { queue, runs } = queueOf(() => new Promise((resolve) => (finish = () => resolve(done))), { concurrency: 4 });
  queue.start();
  queue.add('a');
  await turn();
  queue.add('a');
  queue.add('a');
  await turn();
  expect(runs).toEqual(['a@0']);
  finish();
  await turn();
  expect(runs).toEqual(['a@0', 'a@0']);
});

test('a failing key backs off, twice as long each time up to the limit, and starts anew after a success', async () => {
  let fails = 4;
  const work = async () => {
    if (fails > 0) {
      fails -= 1;
      throw new Error('no');
    }
    fails = 1;
    return after(1000);
  };
  const { queue, runs, advance } = queueOf(work, { backoff: { baseMs: 10, maxMs: 40 } });
  queue.start();
  queue.add('a');
  await turn();
  for (const ms of [10, 20, 40, 40, 1000, 10]) await advance(ms);
  expect(runs).toEqual(['a@0', 'a@10', 'a@30', 'a@70', 'a@110', 'a@1110', 'a@1120']);
});

test('a key that asks to run again goes behind those that wait', async () => {
  let first = true;
  const { queue, runs } = queueOf(async (key) => {
    if (key !== 'a' || !first) return done;
    first = false;
    return again;
  });
  queue.add('a');
  queue.add('b');
  queue.start();
  await turn();
  expect(runs).toEqual(['a@0', 'b@0', 'a@0']);
});

test('a key that asks for another run without end is slowed down', async () => {
  const { queue, runs } = queueOf(async () => again);
  queue.start();
  queue.add('a');
  await turn();
  expect(runs.length).toBeLessThan(100);
  expect(queue.due()).toBe(200);
});

test('an added key runs at once, and what was due for it later is asked for anew', async () => {
  const { queue, runs, advance } = queueOf(async () => after(100));
  queue.start();
  queue.add('a');
  await turn();
  await advance(50);
  queue.add('a');
  await turn();
  await advance(60);
  await advance(40);
  expect(runs).toEqual(['a@0', 'a@50', 'a@150']);
});

test('resyncs come by themselves, and are not counted as work that is due', async () => {
  const { queue, runs, clock, advance } = queueOf(async () => done, { resyncMs: () => 1000 });
  queue.start();
  queue.add('a');
  await turn();
  expect(queue.due()).toBeUndefined();
  expect(queue.idle()).toBe(true);
  await advance(clock.next()!);
  expect(runs.length).toBe(2);
  expect(clock.now()).toBeGreaterThanOrEqual(900);
  expect(clock.now()).toBeLessThanOrEqual(1100);
});

test('a stopped queue waits for what runs and starts nothing more', async () => {
  let finish = () => {};
  const { queue, runs } = queueOf(() => new Promise((resolve) => (finish = () => resolve(again))));
  queue.start();
  queue.add('a');
  queue.add('b');
  await turn();
  let stopped = false;
  const stopping = queue.stop().then(() => (stopped = true));
  await turn();
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(runs).toEqual(['a@0']);
});

test('a key that fails after the queue was stopped is told of, and not tried again', async () => {
  const told: unknown[] = [];
  let fail: () => void = () => {};
  const failing = () => new Promise<never>((_, reject) => (fail = () => reject(new Error('no'))));
  const failed = (...call: unknown[]) => told.push(...call);
  const { queue, runs } = queueOf(failing, { failed });
  queue.start();
  queue.add('a');
  await turn();
  const stopped = queue.stop();
  fail();
  await stopped;
  expect(told).toEqual(['a', new Error('no'), undefined]);
  expect(queue.due()).toBeUndefined();
  expect(runs).toEqual(['a@0']);
});

property.prop([
  fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), wait: fc.nat(3) }), { maxLength: 40 }),
  fc.integer({ min: 1, max: 3 }),
])(
  'whatever is added when, no key runs beside itself, no more run than may, and a run starts after each last add',
  async (adds, concurrency) => {
    const running = new Set<string>();
    const lastStart = new Map<string, number>();
    let step = 0;
    let worst = 0;
    const { queue } = queueOf(
      async (key) => {
        expect(running.has(key)).toBe(false);
        running.add(key);
        lastStart.set(key, (step += 1));
        worst = Math.max(worst, running.size);
        for (let n = 0; n < 3; n += 1) await Promise.resolve();
        running.delete(key);
        return done;
      },
      { concurrency },
    );
    queue.start();
    const lastAdd = new Map<string, number>();
    for (const { key, wait } of adds) {
      lastAdd.set(key, (step += 1));
      queue.add(key);
      for (let n = 0; n < wait; n += 1) await Promise.resolve();
    }
    await turn();
    expect(worst).toBeLessThanOrEqual(concurrency);
    for (const [key, at] of lastAdd) expect(lastStart.get(key)).toBeGreaterThan(at);
    expect(queue.idle()).toBe(true);
  },
);
