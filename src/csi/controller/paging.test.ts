import { expect, test } from 'vitest';
import { pageOf } from './paging.ts';

const same = (name: string): string => name;
const page = (all: string[], maxEntries: number, startingToken = '') =>
  pageOf(all, same, { maxEntries, startingToken });

test('pages go by name, and the last one says so', () => {
  const first = page(['c', 'a', 'b'], 2);
  expect(first).toEqual({ items: ['a', 'b'], nextToken: 'after:b' });
  expect(page(['c', 'a', 'b'], 2, first.nextToken)).toEqual({ items: ['c'], nextToken: '' });
  expect(page(['b', 'a'], 0)).toEqual({ items: ['a', 'b'], nextToken: '' });
  expect(page([], 1)).toEqual({ items: [], nextToken: '' });
});

test('what comes and goes between two pages hides and repeats nothing else', () => {
  expect(page(['a', 'c', 'd'], 2, 'after:b').items).toEqual(['c', 'd']);
});

test('a token that is none of ours, and a negative count, are refused', () => {
  expect(() => page(['a'], 1, 'a')).toThrow(expect.objectContaining({ code: 'ABORTED' }));
  expect(() => page(['a'], -1)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
