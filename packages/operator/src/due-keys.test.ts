import { fc, test as property } from '@fast-check/vitest';
import { expect } from 'vitest';
import { DueKeys } from './due-keys.ts';

const names = 'abcdefghijkl'.split('');

const key = fc.constantFrom(...names);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: key, at: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ delete: key }) },
  { weight: 1, arbitrary: fc.record({ takeUntil: fc.nat(9) }) },
);

/** The first entry of least time: a Map keeps the order in which keys were set. */
const firstOf = (expected: Map<string, number>) =>
  [...expected].reduce<[string, number] | undefined>(
    (first, entry) => (first === undefined || entry[1] < first[1] ? entry : first),
    undefined,
  );

property.prop([fc.array(step, { maxLength: 100 })])(
  'whatever is set, deleted and taken, keys come by their time, and at the same time in the order they were set',
  (steps) => {
    const keys = new DueKeys();
    const expected = new Map<string, number>();
    for (const step of steps) {
      if ('set' in step) {
        keys.set(step.set, step.at);
        expected.delete(step.set);
        expected.set(step.set, step.at);
      } else if ('delete' in step) {
        expect(keys.delete(step.delete)).toBe(expected.delete(step.delete));
      } else {
        const [first, at = Infinity] = firstOf(expected) ?? [];
        const taken = at <= step.takeUntil ? first : undefined;
        expect(keys.take(step.takeUntil)).toBe(taken);
        if (taken !== undefined) expected.delete(taken);
      }
      expect(keys.next()).toBe(firstOf(expected)?.[1] ?? Infinity);
      for (const key of names) expect(keys.get(key)).toBe(expected.get(key));
    }
    const rest: string[] = [];
    for (let key = keys.take(9); key !== undefined; key = keys.take(9)) rest.push(key);
    expect(rest).toEqual([...expected].toSorted(([, one], [, other]) => one - other).map(([key]) => key));
  },
);
