import { expect, test } from 'vitest';
import { deadlineOf } from './deadline.ts';

test.each([
  ['its own where the API server names none', 4000, null, 4000],
  ['its own where it is the shorter', 4000, '10s', 4000],
  ['below what the API server waits', undefined, '10s', 9000],
  ['that of fractions of seconds', undefined, '1.5s', 1350],
  ['that of milliseconds', undefined, '800ms', 720],
  ['its own where the query says something else', 4000, 'soon', 4000],
])('the deadline of a handler is %s', (_, own, timeout, deadlineMs) => {
  expect(deadlineOf(own, timeout)).toBeCloseTo(deadlineMs);
});
