import { expect, test } from 'vitest';
import { median, percentilesOf, quantile, ratio, spreadOf } from './statistics.ts';

test('takes the middle of an odd number of values, however they are ordered', () => {
  expect(median([9, 1, 5])).toBe(5);
});

test('takes the mean of the two in the middle of an even number', () => {
  expect(median([40, 10, 30, 20])).toBe(25);
});

test('leaves the values in the order they came', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test('says that nothing has no middle', () => {
  expect(median([])).toBeNaN();
});

test.each([
  [0.99, 99],
  [0.5, 50],
  [1, 100],
  [0, 1],
])('finds what a share of %d of the values does not exceed', (share, value) => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantile(oneToHundred, share)).toBe(value);
  expect(quantile([], share)).toBeNaN();
});

test('tells median and maximum in whole milliseconds', () => {
  expect(spreadOf([10.4, 99.6, 20.2])).toEqual({ medianMs: 20, maxMs: 100 });
});

test('tells a ratio to one decimal place', () => {
  expect(ratio(1000, 300)).toBe(3.3);
});

test('tells percentiles as values that were measured, in whole milliseconds', () => {
  const durations = Array.from({ length: 200 }, (_, index) => index + 1.4);
  expect(percentilesOf(durations)).toEqual({ p50Ms: 100, p99Ms: 198 });
});
