import { expect, test } from 'vitest';
import { setCondition } from './conditions.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Observed', message: 'It stands.' } as const;
const t0 = Date.UTC(2026, 0, 1);

test('a new condition is added with the time it was seen', () => {
  expect(setCondition(undefined, ready, t0)).toEqual([{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }]);
});

test('the transition time moves only when the status flips', () => {
  const first = setCondition(undefined, ready, t0);
  const reworded = setCondition(first, { ...ready, message: 'It still stands.', observedGeneration: 2 }, t0 + 60_000);
  expect(reworded[0]).toMatchObject({ message: 'It still stands.', lastTransitionTime: '2026-01-01T00:00:00Z' });
  const flipped = setCondition(reworded, { ...ready, status: 'False', reason: 'Gone' }, t0 + 60_000);
  expect(flipped[0]).toMatchObject({ status: 'False', lastTransitionTime: '2026-01-01T00:01:00Z' });
});

test('other conditions keep their place and the given list is left as it was', () => {
  const list = setCondition(setCondition(undefined, ready, t0), { ...ready, type: 'Synced' }, t0);
  const frozen = Object.freeze(list.map((condition) => Object.freeze(condition)));
  expect(setCondition(frozen, { ...ready, status: 'False' }, t0).map((c) => c.type)).toEqual(['Ready', 'Synced']);
});
