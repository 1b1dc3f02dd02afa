import { test } from '@fast-check/vitest';
import * as fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import { expect } from 'vitest';
import { jsonPatch } from './json-patch.ts';

const patched = (before: unknown, after: unknown) => {
  const document = { value: structuredClone(before) };
  expect(applyPatch(document, jsonPatch({ value: before }, { value: after }))).not.toContainEqual(expect.any(Error));
  return document.value;
};

/** No `-0`, which JSON does not tell from `0`, and no names that the library refuses to follow when it applies. */
const json = fc
  .json()
  .filter((text) => !/"(__proto__|constructor|prototype)"/.test(text))
  .map((text) => JSON.parse(text) as unknown);

test.prop([json, json])('a patch makes the one value of the other', (before, after) => {
  expect(patched(before, after)).toEqual(after);
});

test.prop([json])('equal values need no patch', (value) => {
  expect(jsonPatch(value, structuredClone(value))).toEqual([]);
});

test('an item of a list is changed alone; a list of another length is replaced whole', () => {
  const before = { list: [{ a: 1 }, { a: [[1], [2]] }] };
  expect(jsonPatch(before, { list: [{ a: 1 }, { a: [[1], [3]] }] })).toEqual([
    { op: 'replace', path: '/list/1/a/1/0', value: 3 },
  ]);
  expect(jsonPatch(before, { list: [{ a: 1 }] })).toEqual([{ op: 'replace', path: '/list', value: [{ a: 1 }] }]);
});

test('a list as long as a request may hold takes no noticeable time', () => {
  const before = Array.from({ length: 300_000 }, (_, index) => index);
  const patch = jsonPatch(before, before.with(299_999, -1));
  expect(patch).toEqual([{ op: 'replace', path: '/299999', value: -1 }]);
});
