import { expect, test } from 'vitest';
import type { PhysicalVolume, VolumeGroup } from '../../../api/observed/index.ts';
import type { Owner } from '../pool/pool-groups.ts';
import { isMissedBy, lvmUses, poolThatMisses } from './lvm-use.ts';

const group: VolumeGroup = {
  name: 'LocalStorage_PoolHDD',
  uuid: 'vg',
  sizeBytes: 0,
  freeBytes: 0,
  extentSizeBytes: 4_194_304,
  physicalVolumeCount: 2,
  logicalVolumeCount: 0,
  missingPhysicalVolumeCount: 1,
  tags: ['hwameistor.io/cluster=c', 'hwameistor.io/node=node1'],
  metadataFreeBytes: 0,
  metadataSizeBytes: 0,
};
const physical = (device: string, uuid: string, missing: boolean): PhysicalVolume => ({
  device,
  uuid,
  volumeGroup: { name: group.name, uuid: group.uuid },
  sizeBytes: 0,
  freeBytes: 0,
  firstExtentBytes: 0,
  deviceSizeBytes: 0,
  allocatable: true,
  missing,
  duplicate: false,
});
const owner: Owner = { node: 'node1', cluster: { clusterId: 'c', drbdKey: 'k' } };
const sightOf = (...physicalVolumes: PhysicalVolume[]) => ({
  groups: [group],
  physicalVolumes,
  logicalVolumes: [],
  mappings: [],
});

test('a pool misses a physical volume that no device has', () => {
  const sight = sightOf(physical('/dev/sdb', 'b', false), physical('[unknown]', 'c', true));
  expect([isMissedBy(sight, 'b'), isMissedBy(sight, 'c')]).toEqual([false, true]);
  expect(poolThatMisses(sight, 'c', owner)).toBe(group.name);
  expect([...(lvmUses(sight, owner) ?? [])].map(([path, { kind }]) => [path, kind])).toEqual([['/dev/sdb', 'pool']]);
});

test('one that is back is there, though LVM flags it as missing until it is taken back', () => {
  const sight = sightOf(physical('/dev/sdb', 'b', true));
  expect(isMissedBy(sight, 'b')).toBe(false);
  expect(lvmUses(sight, owner)?.get('/dev/sdb')).toMatchObject({ kind: 'pool', pvUuid: 'b' });
});

test('a group of a pool’s name is foreign where another cluster marked it, and moved where another node did', () => {
  const sight = sightOf(physical('/dev/sdb', 'b', false));
  const kindFor = (owner: Owner) => lvmUses(sight, owner)?.get('/dev/sdb')?.kind;
  expect(kindFor({ ...owner, cluster: { clusterId: 'another', drbdKey: 'k' } })).toBe('foreignPool');
  expect(kindFor({ ...owner, node: 'node2' })).toBe('movedPool');
});
