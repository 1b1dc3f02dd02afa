import { expect, test } from 'vitest';
import { gib, mib } from '../../api/units.ts';
import { fits, wantedSize } from './size.ts';

const range = (requiredBytes: number, limitBytes = 0) => ({
  requiredBytes: BigInt(requiredBytes),
  limitBytes: BigInt(limitBytes),
});

test('a size is rounded up to what LVM gives', () => {
  expect(wantedSize(range(mib(100) + 1), 'ext4')).toEqual({ sizeBytes: mib(104) });
  expect(wantedSize(range(mib(100), mib(100)), 'ext4')).toEqual({ sizeBytes: mib(100), limitBytes: mib(100) });
});

test('where no size is asked for, it is 1 GiB, or what the limit allows', () => {
  expect(wantedSize(undefined, 'xfs')).toEqual({ sizeBytes: gib(1) });
  expect(wantedSize(range(0, mib(500) + 1), 'xfs')).toEqual({ sizeBytes: mib(500), limitBytes: mib(500) + 1 });
});

test.each([
  ['negative', range(-1), 'block', 'INVALID_ARGUMENT', 'is none'],
  ['above its own limit', range(mib(8), mib(4)), 'block', 'INVALID_ARGUMENT', 'is none'],
  ['larger than anything', range(2 ** 53), 'block', 'OUT_OF_RANGE', 'at most'],
  ['too small for xfs', range(mib(299)), 'xfs', 'OUT_OF_RANGE', 'xfs needs 300 MiB'],
  ['too small for ext4', range(1), 'ext4', 'OUT_OF_RANGE', 'ext4 needs 4 MiB'],
  ['between two extents', range(mib(5), mib(6)), 'block', 'OUT_OF_RANGE', 'whole extents of 4 MiB'],
  ['limited below xfs', range(0, mib(200)), 'xfs', 'OUT_OF_RANGE', 'xfs needs'],
] as const)('a size that is %s is refused', (_what, asked, content, code, words) => {
  expect(() => wantedSize(asked, content)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  );
});

test('a volume is what was asked for when its size is in the range', () => {
  expect(fits(mib(100), { sizeBytes: mib(100) })).toBe(true);
  expect(fits(mib(96), { sizeBytes: mib(100) })).toBe(false);
  expect(fits(mib(104), { sizeBytes: mib(100), limitBytes: mib(100) })).toBe(false);
});
