import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('those who wait for the same wait differently, for half of it at least', () => {
  const waits = Array.from({ length: 100 }, () => systemClock.jitter(1000));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1000);
  expect(new Set(waits).size).toBeGreaterThan(1);
});
