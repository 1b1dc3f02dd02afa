import { expect, test } from 'vitest';
import type { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk, LocalDiskSpec } from '../../../api/local-disk.schema.ts';
import { matchDisks } from './claim-match.ts';

const claim = (description: NonNullable<LocalDiskClaim['spec']['description']>): LocalDiskClaim => ({
  metadata: { name: 'claim' },
  spec: { nodeName: 'node1', owner: 'local-storage', description },
});

const disk = (name: string, spec: Partial<LocalDiskSpec> = {}): LocalDisk => ({
  metadata: { name },
  spec: {
    nodeName: 'node1',
    devicePath: `/dev/${name}`,
    devLinks: [],
    capacity: 1024,
    diskAttributes: { type: 'HDD' },
    ...spec,
  },
  status: { claimState: 'Available' },
});

const occupied: LocalDisk = {
  ...disk('sdc'),
  status: {
    claimState: 'Bound',
    conditions: [
      {
        type: 'Usable',
        status: 'False',
        reason: 'HasSignature',
        message: 'Found ext4.',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
};

test('a claim takes every disk that matches, not the first', () => {
  const { matched } = matchDisks(claim({ diskType: 'HDD' }), [disk('sdc'), disk('sdb')]);
  expect(matched).toEqual(['sdb', 'sdc']);
});

test.each([{}, { owner: '' }] as const)('a claim that names no owner is for local-storage: %o', (owner) => {
  const { owner: _owner, ...spec } = claim({}).spec;
  const mine = disk('sdb', { owner: 'local-storage' });
  expect(matchDisks({ metadata: { name: 'claim' }, spec: { ...spec, ...owner } }, [mine]).matched).toEqual(['sdb']);
});

test('a claim takes a partition that it names, by path or by name', () => {
  const partition = disk('sdb1', { diskAttributes: { type: 'HDD', devType: 'part' } });
  for (const named of [{ devicePaths: ['/dev/sdb1'] }, { localDiskNames: ['sdb1'] }])
    expect(matchDisks(claim(named), [partition]).matched).toEqual(['sdb1']);
});

test.each<[rule: string, LocalDiskClaim, LocalDisk, string]>([
  [
    'is of another kind',
    claim({ diskType: 'SSD' }),
    disk('sdb'),
    'is of type HDD, not SSD; if the disk tells that wrongly, set spec.diskAttributes.type of its LocalDisk',
  ],
  ['is too small', claim({ capacity: 2048 }), disk('sdb'), 'has 1024 bytes, 2048 are asked for'],
  ['holds something', claim({}), occupied, "can't be used: Found ext4."],
  [
    'is reserved',
    claim({}),
    disk('sdb', { reserved: true }),
    'is reserved; to have it used, set spec.reserved of its LocalDisk to false',
  ],
  ['is another claim’s', claim({}), disk('sdb', { claimRef: { name: 'other' } }), 'belongs to LocalDiskClaim other'],
  [
    'is another owner’s',
    claim({}),
    disk('sdb', { owner: 'system' }),
    'belongs to system; to have it used here, empty spec.owner of its LocalDisk',
  ],
  [
    'is a partition that nobody named',
    claim({ diskType: 'HDD' }),
    disk('sdb1', { diskAttributes: { type: 'HDD', devType: 'part' } }),
    'is a partition; a claim takes one only if it names it, in localDiskNames or devicePaths',
  ],
])('a disk that %s is refused with that reason', (_rule, wanted, found, reason) => {
  expect(matchDisks(wanted, [found])).toEqual({ matched: [], refusals: [{ disk: found.metadata.name, reason }] });
});

test.each([
  ['disk', { localDiskNames: ['sdz'] }, 'sdz', 'is not among the disks asked for'],
  ['device path', { devicePaths: ['/dev/sdz'] }, '/dev/sdz', 'is not among the device paths asked for'],
])('a %s that a claim names, and that its node does not have, is told as such', (_what, wanted, stranger, other) => {
  expect(matchDisks(claim(wanted), [disk('sdb')])).toEqual({
    matched: [],
    refusals: [
      { disk: stranger, reason: 'is not a disk of node node1' },
      { disk: 'sdb', reason: other },
    ],
  });
});

test('what speaks against the disks that a claim asks for comes before the disks that it does not ask for', () => {
  const { refusals } = matchDisks(claim({ localDiskNames: ['sdc'] }), [disk('sda'), disk('sdb'), occupied]);
  expect(refusals.map(({ disk }) => disk)).toEqual(['sdc', 'sda', 'sdb']);
});
