import { expect, test } from 'vitest';
import type { DiskProbe } from '../../api/observed/index.ts';
import { type DiskFacts, diskEvent, verdictOf } from './disk-verdict.ts';
import type { BlockDevice } from '../../api/observed/index.ts';

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
const blank: DiskFacts = { device, probe, mountPoints: [], holders: [], partitions: [], reserved: false };
const holder = (kernelName: string, type: string): BlockDevice => ({
  ...device,
  path: `/dev/${kernelName}`,
  kernelName,
  type,
});
const { device: _device, ...unplugged } = blank;
const { probe: _probe, ...unprobed } = blank;

test.each<[why: string, facts: DiskFacts, reason: string, event: string]>([
  ['an empty disk that nobody uses may be had', blank, 'Blank', 'disk.blank'],
  ['a disk that was pulled out is in doubt', unplugged, 'Inactive', 'disk.unsure'],
  ['a disk whose probe failed is in doubt', unprobed, 'ReadError', 'disk.unsure'],
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
    { ...blank, probe: { ...probe, blank: false }, foreignGroup: 'LocalStorage_PoolHDD' },
    'ForeignPool',
    'disk.occupied',
  ],
])('%s', (_why, facts, reason, event) => {
  const verdict = verdictOf(facts);
  expect([verdict.reason, verdict.usable, diskEvent(verdict).type]).toEqual([reason, reason === 'Blank', event]);
});
