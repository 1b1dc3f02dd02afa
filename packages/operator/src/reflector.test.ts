import { expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../testing/virtual-clock.ts';
import { ApiError } from './api-error.ts';
import { builtin, type Node } from './builtin.ts';
import type { Client, WatchEvent } from './client.ts';
import { silentLog } from './log.ts';
import { untraced } from './trace.ts';
import { Reflector } from './reflector.ts';

const node = (name: string, version: number): Node => ({ metadata: { name, resourceVersion: `${version}` } });
const added = (name: string, version: number): WatchEvent<Node> => ({ type: 'ADDED', object: node(name, version) });
const bookmark = (version: number): WatchEvent<Node> => ({ type: 'BOOKMARK', resourceVersion: `${version}` });
const expired = new ApiError(410, 'Expired', 'too old resource version');
const broken = new ApiError(0, 'ServiceUnavailable', 'read ECONNRESET');

/** What a watch tells, and what it breaks on in the end; without that it stays open. */
interface Told {
  readonly events?: readonly WatchEvent<Node>[];
  readonly last: Error | 'end' | 'wait';
}

/** A reflector of a server that answers lists and watches as told, the last of each for ever. */
function reflecting({ lists, watches }: { lists: (readonly Node[] | Error)[]; watches: Told[] }) {
  const clock = virtualClock();
  const calls: { call: string; atMs: number }[] = [];
  const start = clock.now();
  const next = <T>(answers: T[]): T => (answers.length > 1 ? answers.shift()! : answers[0]!);
  const note = (call: string) => calls.push({ call, atMs: clock.now() - start });
  const client = {
    async list() {
      note('list');
      const items = next(lists);
      if (items instanceof Error) throw items;
      const versions = items.map(({ metadata }) => Number(metadata.resourceVersion));
      return { items, resourceVersion: `${Math.max(0, ...versions)}` };
    },
    async *watch(_: unknown, { resourceVersion, signal }: { resourceVersion: string; signal: AbortSignal }) {
      note(`watch from ${resourceVersion}`);
      const { events = [], last } = next(watches);
      yield* events;
      if (last instanceof Error) throw last;
      if (last === 'wait') await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  } as unknown as Client;
  const reflector = new Reflector({
    client,
    clock,
    log: silentLog,
    trace: untraced,
    resource: builtin.Node,
    selection: {},
  });
  const stop = new AbortController();
  const run = reflector.run(stop.signal);
  onTestFinished(() => {
    stop.abort();
    return run;
  });
  return {
    calls,
    names: () => reflector.store.list().map(({ metadata }) => metadata.name),
    /** Lets it go on for so long. */
    pass: async (ms = 0) => {
      for (const end = clock.now() + ms; ; clock.advance(Math.min(end, clock.next() ?? end) - clock.now())) {
        await new Promise((resolve) => setImmediate(resolve));
        if (clock.now() >= end) return;
      }
    },
  };
}

const told = (calls: readonly { call: string }[]) => calls.map(({ call }) => call);

test('a watch goes on where the last one ended, bookmarks included, without a new list', async () => {
  const { calls, names, pass } = reflecting({
    lists: [[node('a', 5)]],
    watches: [{ events: [added('b', 6)], last: 'end' }, { events: [bookmark(9)], last: 'end' }, { last: 'wait' }],
  });
  await pass();
  expect(told(calls)).toEqual(['list', 'watch from 5', 'watch from 6', 'watch from 9']);
  expect(names()).toEqual(['a', 'b']);
});

test('a version that the server no longer has means a new list, which takes away what went meanwhile', async () => {
  const { calls, names, pass } = reflecting({
    lists: [
      [node('a', 5), node('b', 4)],
      [node('a', 5), node('c', 20)],
    ],
    watches: [{ events: [bookmark(7)], last: expired }, { last: 'wait' }],
  });
  await pass(1000);
  expect(told(calls)).toEqual(['list', 'watch from 5', 'list', 'watch from 20']);
  expect(names()).toEqual(['a', 'c']);
});

test.each([
  ['lists fail', { lists: [broken], watches: [] }],
  ['watches break as they begin', { lists: [[]], watches: [{ last: broken }] }],
  ['watches end as they begin', { lists: [[]], watches: [{ last: 'end' as const }] }],
  ['each list is too old at once', { lists: [[]], watches: [{ last: expired }] }],
])('when %s it tries for ever, waiting twice as long each time up to half a minute', async (_, server) => {
  const { calls, pass } = reflecting(server);
  await pass(240_000);
  const times = [...new Set(calls.map(({ atMs }) => atMs))];
  const waits = times.slice(1).map((time, index) => time - times[index]!);
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000]);
});

test('after a watch that told something it waits for a short time again', async () => {
  const { calls, pass } = reflecting({
    lists: [broken, broken, broken, []],
    watches: [{ events: [bookmark(5)], last: broken }, { last: 'wait' }],
  });
  await pass(60_000);
  expect(calls).toEqual([
    { call: 'list', atMs: 0 },
    { call: 'list', atMs: 500 },
    { call: 'list', atMs: 1500 },
    { call: 'list', atMs: 3500 },
    { call: 'watch from 0', atMs: 3500 },
    { call: 'watch from 5', atMs: 4000 },
  ]);
});

test('a server that names a time is left alone for it', async () => {
  const busy = new ApiError(429, 'TooManyRequests', 'later', { retryAfterMs: 7000 });
  const { calls, pass } = reflecting({ lists: [busy, []], watches: [{ last: 'wait' }] });
  await pass(10_000);
  expect(calls.map(({ atMs }) => atMs)).toEqual([0, 7000, 7000]);
});
