import { CommandError } from '../../../node/errors.ts';
import { describe, expect, test } from 'vitest';
import type { DiskProbe } from '../../../api/observed/index.ts';
import { absentVerdict, type DiskFacts, diskEvent, verdictOf } from './disk-verdict.ts';
import type { LvmUse } from './lvm-use.ts';
import type { BlockDevice } from '../../../api/observed/index.ts';

const device: BlockDevice = {
  path: '/dev/sdb',
  kernelName: 'sdb',
  majorMinor: '8:16',
  sizeBytes: 1024 ** 3,
  type: 'disk',
  readOnly: false,
  removable: false,
  rotational: true,
  links: [],
  mountPoints: [],
  holders: [],
  children: [],
  inUdevDatabase: true,
};
const probe: DiskProbe = {
  path: '/dev/sdb',
  majorMinor: '8:16',
  sizeBytes: 1024 ** 3,
  readable: true,
  signatures: [],
  ambivalent: false,
  edgesZero: true,
  blank: true,
};
const blank: DiskFacts = {
  device,
  probe,
  mountPoints: [],
  holders: [],
  partitions: [],
  lvm: new Map(),
  reserved: false,
};
const holder = (kernelName: string, type: string): BlockDevice => ({
  ...device,
  path: `/dev/${kernelName}`,
  kernelName,
  type,
});
const { probe: _probe, ...unprobed } = blank;

const on = (device: BlockDevice, use: Pick<LvmUse, 'kind'> & Partial<LvmUse>): ReadonlyMap<string, LvmUse> =>
  new Map([
    [device.path, { group: '', groupUuid: 'vg-uuid', groupNode: undefined, pvUuid: 'pv-uuid', copies: [], ...use }],
  ]);
const labelled: DiskProbe = { ...probe, blank: false, signatures: [{ type: 'LVM2_member' }] };

/** Facts of an empty partition of type Linux filesystem, but for what is told. */
const partition = (told: { partitionType?: string | undefined } = {}, ofDisk: Partial<BlockDevice> = {}): DiskFacts => {
  const { partitionType } = { partitionType: '0fc63daf-8483-4772-8e79-3d69d8477de4', ...told };
  return {
    ...blank,
    device: { ...holder('sdb1', 'part'), ...(partitionType === undefined ? {} : { partitionType }) },
    disk: { device: { ...device, partitionTable: 'gpt', ...ofDisk }, holders: [] },
  };
};

test.each<[why: string, facts: DiskFacts, reason: string, event: string]>([
  ['an empty disk that nobody uses may be had', blank, 'Blank', 'disk.blank'],
  ['a disk whose probe failed is in doubt', unprobed, 'ReadError', 'disk.unsure'],
  [
    'a disk that the node has nothing to read with is in doubt, and not broken',
    { ...unprobed, probeError: new CommandError({ code: 'TOOL_MISSING', command: 'wipefs --json' }) },
    'ToolMissing',
    'disk.unsure',
  ],
  [
    'a pool keeps its disk even when another has the same serial',
    { ...blank, pool: 'P', twin: '/dev/sdc' },
    'InPool',
    'disk.claimed',
  ],
  ['a twin is used by nobody, blank or not', { ...blank, twin: '/dev/sdc' }, 'DuplicateIdentity', 'disk.unsure'],
  [
    'a disk that fails reads looks blank and is not',
    { ...blank, probe: { ...probe, readable: false, readError: 'Input/output error' } },
    'ReadError',
    'disk.unsure',
  ],
  ['a mounted disk is in use', { ...blank, mountPoints: ['/data'] }, 'Mounted', 'disk.occupied'],
  ['a mounted disk is not read', { ...unprobed, mountPoints: ['/data'] }, 'Mounted', 'disk.occupied'],
  [
    'a partition table is content',
    { ...blank, device: { ...device, partitionTable: 'gpt' } },
    'Partitioned',
    'disk.occupied',
  ],
  ['a partition is content', { ...blank, partitions: [holder('sdb1', 'part')] }, 'Partitioned', 'disk.occupied'],
  ['who stands on a disk uses it', { ...unprobed, holders: [holder('dm-0', 'crypt')] }, 'InUse', 'disk.occupied'],
  ['swap is no file system', { ...unprobed, mountPoints: ['[SWAP]'] }, 'InUse', 'disk.occupied'],
  [
    'a path is none of two disks that happen to be equal',
    { ...unprobed, holders: [holder('dm-0', 'mpath')], twin: '/dev/sdc' },
    'MultipathPath',
    'disk.occupied',
  ],
  [
    'a path whose map is not up is a path',
    { ...blank, device: { ...device, fileSystem: 'mpath_member' } },
    'MultipathPath',
    'disk.occupied',
  ],
  [
    'a disk that others may reach is not local',
    { ...blank, device: { ...device, transport: 'iscsi' } },
    'Remote',
    'disk.occupied',
  ],
  [
    'a stick is not worth wiping',
    { ...blank, device: { ...device, removable: true, partitionTable: 'dos' } },
    'Removable',
    'disk.occupied',
  ],
  [
    'a signature on a disk that someone opened is not for wiping yet',
    { ...blank, probe: { ...probe, blank: false, busy: 'opened', signatures: [{ type: 'ceph_bluestore' }] } },
    'InUse',
    'disk.occupied',
  ],
  [
    'signatures that exclude each other are in doubt',
    { ...blank, probe: { ...probe, blank: false, ambivalent: true } },
    'Unsure',
    'disk.unsure',
  ],
  [
    'a signature is content',
    { ...blank, probe: { ...probe, blank: false, signatures: [{ type: 'ext4' }] } },
    'HasSignature',
    'disk.occupied',
  ],
  ['a disk that someone opened is in use', { ...blank, probe: { ...probe, busy: 'opened' } }, 'InUse', 'disk.occupied'],
  ['no signature found is not blank', { ...blank, probe: { ...probe, blank: false } }, 'Unsure', 'disk.unsure'],
  [
    'a read-only disk can hold nothing',
    { ...blank, device: { ...device, readOnly: true } },
    'ReadOnly',
    'disk.occupied',
  ],
  ['a stick may be pulled out', { ...blank, device: { ...device, removable: true } }, 'Removable', 'disk.occupied'],
  ['a tiny disk is no use', { ...blank, device: { ...device, sizeBytes: 1024 } }, 'TooSmall', 'disk.occupied'],
  ['a claimed disk is taken', { ...blank, claimedBy: 'claim' }, 'Claimed', 'disk.claimed'],
  ['a reserved disk stays as it is', { ...blank, reserved: true }, 'Reserved', 'disk.reserved'],
  [
    'a pool of another cluster is none of ours',
    { ...unprobed, lvm: on(device, { kind: 'foreignPool', group: 'LocalStorage_PoolHDD' }) },
    'ForeignPool',
    'disk.occupied',
  ],
  [
    'a volume group of somebody is left alone',
    { ...unprobed, lvm: on(device, { kind: 'foreignGroup', group: 'data' }) },
    'ForeignGroup',
    'disk.occupied',
  ],
  [
    'a label of a group that nobody sees is no content',
    { ...blank, probe: labelled, lvm: on(device, { kind: 'awayGroup' }), claimedBy: 'claim' },
    'GroupAway',
    'disk.occupied',
  ],
  [
    'a label that belongs to no group is content',
    { ...blank, probe: labelled, lvm: on(device, { kind: 'orphan' }) },
    'HasSignature',
    'disk.occupied',
  ],
  [
    'a label that an interrupted vgcreate left is for its claim to go on with',
    { ...blank, probe: labelled, lvm: on(device, { kind: 'orphan' }), claimedBy: 'claim' },
    'Claimed',
    'disk.claimed',
  ],
  [
    'whose label it is is unknown without LVM',
    { ...blank, probe: labelled, lvm: undefined },
    'LvmUnknown',
    'disk.unsure',
  ],
  ['a disk without a label needs no LVM to be judged', { ...blank, lvm: undefined }, 'Blank', 'disk.blank'],
  [
    'a disk that a pool had is not blank before LVM was asked',
    { ...blank, lvm: undefined, passport: 'uuid' },
    'LvmUnknown',
    'disk.unsure',
  ],
  [
    'byte copies are used by nobody who can not tell which is which',
    { ...unprobed, lvm: on(device, { kind: 'pool', group: 'P', copies: ['/dev/sdc'] }) },
    'DuplicatePhysicalVolume',
    'disk.unsure',
  ],
  [
    'a disk that says that it is failing is not to be trusted with data',
    { ...blank, isFailing: true, claimedBy: 'claim' },
    'Failing',
    'disk.unsure',
  ],
  [
    'a disk that udev has no record of may be any',
    { ...blank, device: { ...device, inUdevDatabase: false }, claimedBy: 'claim' },
    'NotInUdev',
    'disk.unsure',
  ],
  ['a partition that is empty may be had', partition(), 'Blank', 'disk.blank'],
  ['a partition on dos, too', partition({ partitionType: '0x8e' }, { partitionTable: 'dos' }), 'Blank', 'disk.blank'],
  [
    'what a mainframe has on a partition is all that it tells',
    partition({}, { partitionTable: 'dasd' }),
    'Blank',
    'disk.blank',
  ],
  [
    'GRUB stands in a partition without a signature',
    partition({ partitionType: '21686148-6449-6e6f-744e-656564454649' }),
    'PartitionType',
    'disk.occupied',
  ],
  [
    'an extended partition is a box',
    partition({ partitionType: '0x5' }, { partitionTable: 'dos' }),
    'PartitionType',
    'disk.occupied',
  ],
  ['a type that nobody told is none', partition({ partitionType: undefined }), 'PartitionType', 'disk.occupied'],
  [
    'what is wrong with the disk is wrong with its partition',
    partition({}, { removable: true }),
    'Removable',
    'disk.occupied',
  ],
  ['a partition of a path is one', partition({}, { fileSystem: 'mpath_member' }), 'MultipathPath', 'disk.occupied'],
  [
    'a partition of a disk over the network is no local one',
    partition({}, { transport: 'iscsi' }),
    'Remote',
    'disk.occupied',
  ],
  [
    'a partition of a disk that a pool has as a whole is in use',
    { ...partition(), lvm: on(device, { kind: 'pool', group: 'P' }) },
    'InUse',
    'disk.occupied',
  ],
  [
    'a disk with a partition of a pool is partitioned',
    {
      ...unprobed,
      partitions: [holder('sdb1', 'part')],
      lvm: on(holder('sdb1', 'part'), { kind: 'pool', group: 'P' }),
    },
    'Partitioned',
    'disk.occupied',
  ],
])('%s', (_why, facts, reason, event) => {
  const verdict = verdictOf(facts);
  expect([verdict.reason, verdict.usable, diskEvent(verdict).type]).toEqual([reason, reason === 'Blank', event]);
});

test('a disk that was pulled out is in doubt, and tells what misses it', () => {
  const plain = absentVerdict({});
  expect([plain.reason, diskEvent(plain).type]).toEqual(['Inactive', 'disk.unsure']);
  expect(absentVerdict({ pvUUID: 'uuid' }).message).toContain('as physical volume uuid');
  expect(absentVerdict({ pvUUID: 'uuid', pool: 'P' }).message).toContain('Pool P misses it');
  // It may stand for a disk that is there, and no longer has what a pool knew it by.
  for (const more of [{ pvUUID: 'uuid' }, { pvUUID: 'uuid', pool: 'P' }])
    expect(absentVerdict(more).message).toContain(
      'or was taken out of the pool or wiped by hand, delete this LocalDisk',
    );
});

describe('what a person is told to do', () => {
  const told = (facts: DiskFacts): string => verdictOf(facts).message;

  test('a volume group goes by name before its label, and by UUID where a pool of ours may have that name', () => {
    expect(told({ ...unprobed, lvm: on(device, { kind: 'foreignGroup', group: 'data' }) })).toContain(
      'vgremove data; pvremove /dev/sdb',
    );
    expect(told({ ...unprobed, lvm: on(device, { kind: 'foreignPool', group: 'LocalStorage_PoolHDD' }) })).toContain(
      'vgremove --select vg_uuid=vg-uuid; pvremove /dev/sdb',
    );
  });

  test('a pool that came with its disk from another node goes back there', () => {
    const moved = on(device, { kind: 'movedPool', group: 'P', groupNode: 'node2' });
    for (const facts of [
      { ...unprobed, lvm: moved },
      { ...unprobed, lvm: moved, mountPoints: ['/mnt'] },
    ]) {
      expect(told(facts)).toContain('is the pool of node2 in this cluster: put the disk back there');
      expect(told(facts)).not.toMatch(/wipefs|pvremove|vgremove/);
    }
  });

  test('nothing is to be wiped while nobody knows whose physical volume it is', () => {
    const part = { ...holder('sdb1', 'part'), fileSystem: 'LVM2_member' };
    for (const facts of [
      { ...blank, probe: labelled, lvm: undefined },
      { ...unprobed, device: { ...device, fileSystem: 'LVM2_member' }, mountPoints: ['/srv'], lvm: undefined },
      { ...unprobed, holders: [holder('dm-0', 'lvm')], lvm: undefined },
      { ...unprobed, partitions: [part], lvm: undefined },
    ]) {
      expect(told(facts)).toContain('install lvm2');
      expect(told(facts)).not.toMatch(/wipefs|pvremove/);
    }
  });

  test('a disk with a partition of a pool is not to be emptied, nor is what the machine boots from', () => {
    const part = holder('sdb1', 'part');
    const pooled = { ...unprobed, partitions: [part], lvm: on(part, { kind: 'pool', group: 'P' }) };
    expect(told(pooled)).toBe('The disk is partitioned, and /dev/sdb1 belongs to pool P. Leave its table alone.');
    expect(told({ ...partition(), mountPoints: ['/boot/efi'] })).not.toContain('wipefs');
    expect(told(partition({ partitionType: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b' }))).toMatch(
      /EFI System.*Leave it alone/,
    );
  });

  test('a partition for something else gets another type by one command', () => {
    expect(told(partition({ partitionType: '45b0969e-9b03-4f30-b4c6-b4b80ceff106' }))).toMatch(
      /Ceph journal.*sfdisk --part-type \/dev\/sdb 1 E6D6D379-F507-44C2-A23C-238F2A3DF928$/,
    );
    expect(told(partition({ partitionType: '0x82' }, { partitionTable: 'dos' }))).toMatch(
      /sfdisk --part-type \/dev\/sdb 1 8e$/,
    );
  });
});
