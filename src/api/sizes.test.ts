import { expect, test } from 'vitest';
import { metadataBytes, roundUpToExtent } from './sizes.ts';
import { gib, mib } from './units.ts';

test('sizes are whole extents', () => {
  expect([1, mib(4), mib(4) + 1].map(roundUpToExtent)).toEqual([mib(4), mib(4), mib(8)]);
});

test.each([
  ['a small volume needs one extent', mib(100), mib(4)],
  ['a bitmap grows with the data', gib(1024), mib(36)],
  ['as drbdmeta counts it: 36 KiB and one bit for 4 KiB', gib(96), mib(4)],
  ['more than what fits beside the activity log needs another extent', gib(97), mib(8)],
])('%s', (_why, dataBytes, wanted) => {
  expect(metadataBytes(dataBytes)).toBe(wanted);
  expect(metadataBytes(dataBytes)).toBeGreaterThanOrEqual(36 * 1024 + dataBytes / 32_768);
});
