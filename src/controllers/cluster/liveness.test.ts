import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';

const fresh = false;
const overdue = true;

test('a lease is as old as the last change of it that was seen', () => {
  const liveness = new Liveness();
  expect(liveness.ageMs('a', '1', 1_000, fresh)).toBe(0);
  expect(liveness.ageMs('a', '1', 6_000, fresh)).toBe(5_000);
  expect(liveness.ageMs('a', '2', 7_000, fresh)).toBe(0);
  expect(liveness.ageMs('a', undefined, 9_000, fresh)).toBe(2_000);
});

test('a new process takes no lease for alive that was overdue before, until it is seen to change', () => {
  const liveness = new Liveness();
  expect(liveness.ageMs('a', '1', 1_000, overdue)).toBe(Infinity);
  expect(liveness.ageMs('a', '1', 2_000, overdue)).toBe(Infinity);
  expect(liveness.ageMs('a', '2', 3_000, overdue)).toBe(0);
});
