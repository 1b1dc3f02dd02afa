import { describe, expect, test } from 'vitest';
import type { PhysicalVolume, VolumeGroup } from '../../../api/observed/index.ts';
import { gib, mib } from '../../../api/units.ts';
import { largestVolume, longNodeName } from '../../../../test/support/largest-volume.ts';
import { isMetadataLow, metadataBytesPerVolume, poolFigures } from './pool-figures.ts';

const lvmUuid = '8SG0dx-rGeR-mkhe-7YdQ-I49i-BIrc-QwHv3U';

const group = (more: Partial<VolumeGroup> = {}): VolumeGroup => ({
  name: 'LocalStorage_PoolHDD',
  uuid: lvmUuid,
  sizeBytes: gib(10),
  freeBytes: gib(6),
  extentSizeBytes: mib(4),
  physicalVolumeCount: 2,
  logicalVolumeCount: 3,
  missingPhysicalVolumeCount: 0,
  tags: [],
  metadataSizeBytes: 8_384_512,
  metadataFreeBytes: 4_190_208,
  ...more,
});
const physical = (more: Partial<PhysicalVolume> = {}): PhysicalVolume => ({
  device: '/dev/sdb',
  uuid: lvmUuid,
  sizeBytes: gib(5),
  freeBytes: gib(3),
  deviceSizeBytes: gib(5) + mib(8),
  firstExtentBytes: mib(8),
  allocatable: true,
  missing: false,
  duplicate: false,
  ...more,
});

/** A logical volume in the metadata area, as lvm2 2.03.16 writes it: without indentation and comments. */
const written = (name: string, tags: readonly string[]): string => `
${name} {
id = "${lvmUuid}"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
tags = [${tags.map((tag) => `"${tag}"`).join(', ')}]
creation_time = 1795636131
creation_host = "${longNodeName}"
segment_count = 1

segment1 {
start_extent = 0
extent_count = 262144

type = "striped"
stripe_count = 1

stripes = [
"pv0", 262144
]
}
}
`;

test('a volume with every tag and the metadata volume of a move fits what is counted for one', () => {
  const { data, metadata } = largestVolume;
  const text = written(data.name, data.tags) + written(metadata.name, metadata.tags);
  expect(text.length).toBeLessThanOrEqual(metadataBytesPerVolume);
  expect(text.length).toBeGreaterThan(0.9 * metadataBytesPerVolume);
});

describe('the largest new volume', () => {
  test('takes what is free on all disks that lvm allocates from, in whole extents', () => {
    const disks = [physical(), physical({ freeBytes: mib(7) }), physical({ allocatable: false })];
    const closed = physical({ allocatable: false, freeBytes: gib(5) });
    expect(poolFigures(group(), [...disks.slice(0, 2), closed], 3, true).volumeCapacityBytesLimit).toBe(
      gib(3) + mib(4),
    );
    // Two GiB are to come from the closed one.
    expect(poolFigures(group(), disks, 3, true)).toMatchObject({
      volumeCapacityBytesLimit: gib(1) + mib(4),
      freeCapacityBytes: gib(3),
    });
  });

  test('is not on a disk that is away, and its room is nobody’s', () => {
    const disks = [physical(), physical({ missing: true })];
    expect(poolFigures(group(), disks, 3, false)).toMatchObject({
      totalCapacityBytes: gib(10),
      usedCapacityBytes: gib(4),
      freeCapacityBytes: gib(3),
    });
  });

  test('has no room where lvm takes no change', () => {
    expect(poolFigures(group(), [physical()], 3, false)).toMatchObject({
      volumeCapacityBytesLimit: 0,
      freeVolumeCount: 0,
      totalVolumeCount: 3,
    });
  });
});

describe('the number of volumes', () => {
  test('is more than a thousand in a pool that was made here', () => {
    expect(poolFigures(group(), [], 0, true)).toMatchObject({ totalVolumeCount: 1636, freeVolumeCount: 1636 });
  });

  test('is what lvm’s own small area holds in a pool that was made by hand', () => {
    const small = group({ metadataSizeBytes: 1_044_480, metadataFreeBytes: 518_144 });
    expect(poolFigures(small, [], 10, true)).toMatchObject({ totalVolumeCount: 212, freeVolumeCount: 202 });
  });

  test('keeps a fifth of the area in reserve, and says when it is touched', () => {
    const low = group({ metadataFreeBytes: 838_000 });
    expect(poolFigures(low, [], 1700, true)).toMatchObject({ totalVolumeCount: 1700, freeVolumeCount: 0 });
    expect([isMetadataLow(low), isMetadataLow(group())]).toEqual([true, false]);
  });
});
