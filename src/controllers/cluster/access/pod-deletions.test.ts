import { expect, test } from 'vitest';
import { PodDeletions } from './pod-deletions.ts';

test('the first is at once, the next ones wait twice as long each, up to five minutes', () => {
  const deletions = new PodDeletions();
  let nowMs = 0;
  const waits = Array.from({ length: 8 }, () => {
    const waitMs = deletions.waitMs('web node2', nowMs);
    nowMs += waitMs;
    deletions.note('web node2', nowMs);
    return waitMs / 1000;
  });
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  expect(deletions.waitMs('web node3', nowMs)).toBe(0);
});

test('after half an hour without one it is the first again', () => {
  const deletions = new PodDeletions();
  for (const nowMs of [0, 10_000, 2_000_000]) deletions.note('web node2', nowMs);
  expect(deletions.waitMs('web node2', 2_000_000)).toBe(10_000);
});
