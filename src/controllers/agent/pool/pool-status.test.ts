import { expect, test } from 'vitest';
import type { LocalPool } from '../../../api/local-storage-node.schema.ts';
import type { PhysicalVolume, VolumeGroup } from '../../../api/observed/index.ts';
import { gib, mib } from '../../../api/units.ts';
import { presentPool } from './pool-status.ts';

const name = 'LocalStorage_PoolHDD';
const group: VolumeGroup = {
  name,
  uuid: 'vg',
  sizeBytes: gib(10),
  freeBytes: gib(10),
  extentSizeBytes: mib(4),
  physicalVolumeCount: 1,
  logicalVolumeCount: 0,
  missingPhysicalVolumeCount: 0,
  tags: [],
  metadataFreeBytes: 4_190_208,
  metadataSizeBytes: 8_384_512,
};
const there: PhysicalVolume = {
  device: '/dev/sdb',
  uuid: 'pv',
  sizeBytes: gib(10),
  freeBytes: gib(10),
  deviceSizeBytes: gib(10) + mib(8),
  firstExtentBytes: mib(8),
  majorMinor: '8:16',
  allocatable: true,
  missing: false,
  duplicate: false,
};
const { majorMinor: _number, ...numberless } = there;
const away: PhysicalVolume = { ...numberless, device: '[unknown]', deviceSizeBytes: 0, missing: true };

const disksOf = (disk: PhysicalVolume, before: LocalPool | undefined) =>
  presentPool(name, { group, disks: [disk], volumes: [], stale: [] }, { before, found: [], isChangeable: true });

test('a disk that is pulled between the look of LVM and that at the disks is still described once it is missed', () => {
  const known = disksOf(there, undefined);
  const described = { localDisk: 'localdisk-1', serialNumber: 'SN-1', devPath: '/dev/sdb', uuid: 'pv' };
  const before = { ...known, disks: known.disks.map((disk) => ({ ...disk, ...described })) };
  const between = disksOf(there, before);
  expect(between.disks).toMatchObject([{ ...described, state: 'InUse' }]);
  expect(disksOf(away, between).disks).toMatchObject([{ ...described, state: 'Offline' }]);
});
