import { expect, test } from 'vitest';
import { restLeftMs } from './rest.ts';

test.each([
  ['has so much left', 1_000, 2_000],
  ['is over', 5_000, 0],
  ['is over where the clock was set back by ten hours', 1_000 - 36_000_000, 0],
])('a rest of three seconds until 3000 %s', (_what, nowMs, left) => {
  expect(restLeftMs({ untilMs: 3_000, mostMs: 3_000 }, nowMs)).toBe(left);
});

test('before the first one there is nothing to rest from', () => {
  expect(restLeftMs({ untilMs: -Infinity, mostMs: 3_000 }, 0)).toBe(0);
});
