import { expect, test } from 'vitest';
import { callOf } from './call.ts';
import { checked, FaultPlan, type FaultRule } from './fault.ts';

test.each([
  ['GET', '/api/v1/nodes/a', 'get'],
  ['GET', '/api/v1/nodes?limit=5', 'list'],
  ['GET', '/api/v1/namespaces', 'list'],
  ['GET', '/api/v1/namespaces/default', 'get'],
  ['GET', '/api/v1/namespaces/default/pods', 'list'],
  ['GET', '/apis/example.io/v1/boxes', 'list'],
  ['GET', '/apis/example.io/v1/boxes/a', 'get'],
  ['GET', '/apis/example.io/v1/namespaces/default/boxes/a', 'get'],
  ['GET', '/apis/example.io/v1/boxes?watch=true', 'watch'],
  ['POST', '/apis/example.io/v1/boxes', 'create'],
  ['PUT', '/apis/example.io/v1/boxes/a/status', 'update'],
  ['PATCH', '/apis/example.io/v1/boxes/a', 'patch'],
  ['DELETE', '/apis/example.io/v1/boxes/a', 'delete'],
])('%s %s is to %s', (method, url, verb) => {
  expect(callOf(method, url)).toEqual({ verb, path: url.replace(/\?.*/, '') });
});

const rules: FaultRule[] = [
  { fault: { kind: 'conflict' }, share: 0.1, verbs: ['update'] },
  { fault: { kind: 'internal error' }, share: 0.2 },
];

/** What the calls of many objects meet, by object. */
function met(seed: number, names: readonly string[]): Record<string, (string | undefined)[]> {
  const plan = new FaultPlan(seed);
  plan.rules = rules;
  const all: Record<string, (string | undefined)[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let n = 0; n < 20; n += 1)
    for (const name of names) all[name]!.push(plan.next({ verb: 'update', path: `/${name}` }).fault?.kind);
  return all;
}

const names = Array.from({ length: 200 }, (_, index) => `box-${index}`);

test('faults come in their shares', () => {
  const all = Object.values(met(1, names)).flat();
  const share = (kind: string) => all.filter((one) => one === kind).length / all.length;
  expect(share('conflict')).toBeCloseTo(0.1, 1);
  expect(share('internal error')).toBeCloseTo(0.2, 1);
});

test('a seed does the same to an object whoever else calls; another seed does something else', () => {
  const [few, many] = [met(1, ['box-3']), met(1, names)];
  expect(few['box-3']).toEqual(many['box-3']);
  expect(met(2, names)).not.toEqual(many);
});

test('times come from their range', () => {
  const plan = new FaultPlan(1);
  const times = names.map((path) => plan.next({ verb: 'get', path }).within({ fromMs: 100, toMs: 200 }));
  expect(times.every((time) => time >= 100 && time < 200)).toBe(true);
  expect(new Set(times.map((time) => Math.floor(time / 10))).size).toBe(10);
});

test('a share that cannot be is refused', () => {
  expect(() => checked([{ fault: { kind: 'conflict' }, share: 20 }])).toThrow(
    'the share of "conflict" is 20: not from 0 to 1',
  );
});
