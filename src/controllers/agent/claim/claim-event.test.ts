import { describe, expect, test } from 'vitest';
import type { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { DiskContent } from '../../../api/observed/index.ts';
import { claimSight, toLookInto } from './claim-event.ts';

const claim: LocalDiskClaim = {
  metadata: { name: 'claim' },
  spec: { nodeName: 'node1', diskRefs: [{ name: 'disk' }] },
  status: { status: 'Extending' },
};

const diskWhoseUsable = (status: 'True' | 'False', reason: string, message: string): LocalDisk => ({
  metadata: { name: 'disk' },
  spec: { nodeName: 'node1', state: 'Active', devLinks: [], claimRef: { name: 'claim' } },
  status: {
    claimState: 'Bound',
    conditions: [{ type: 'Usable', status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }],
  },
});

test.each([
  ['that nothing speaks against', diskWhoseUsable('True', 'Blank', ''), 'pool.lacking', 'Extending'],
  ['that the claim itself has', diskWhoseUsable('False', 'Claimed', ''), 'pool.lacking', 'Extending'],
  ['that was mounted since', diskWhoseUsable('False', 'Mounted', 'Mounted on /data.'), 'pool.refusing', 'DiskUnfit'],
  ['that has a twin since', diskWhoseUsable('False', 'DuplicateIdentity', 'Twins.'), 'pool.refusing', 'DiskUnfit'],
  ['that a person reserved since', diskWhoseUsable('False', 'Reserved', 'Reserved.'), 'pool.refusing', 'DiskUnfit'],
])('a claimed disk %s', (_what, disk, event, reason) => {
  const sight = claimSight(claim, { disks: [disk], pooled: new Map(), contents: new Map(), records: undefined });
  expect([sight.event.type, sight.reason]).toEqual([event, reason]);
});

test('why a claimed disk can’t go into the pool is told in its own words', () => {
  const disk = diskWhoseUsable('False', 'Mounted', 'Mounted on /data.');
  expect(claimSight(claim, { disks: [disk], pooled: new Map(), contents: new Map(), records: undefined }).message).toBe(
    'disk: Mounted on /data.',
  );
});

describe('a claimed disk on which something was found since', () => {
  const labelled = diskWhoseUsable('False', 'HasSignature', 'Found LVM2_member on the disk.');
  const label: DiskContent = { signatures: [{ type: 'LVM2_member', uuid: 'u' }], partitions: [], blank: false };
  const seen = (content: DiskContent) =>
    claimSight(claim, {
      disks: [labelled],
      pooled: new Map(),
      contents: new Map([['disk', content]]),
      records: undefined,
    });

  test('is looked into', () => {
    expect(toLookInto(claim, { disks: [labelled], pooled: new Map() })).toEqual([labelled]);
  });

  test.each<[string, DiskContent, string]>([
    ['goes into the pool when it is gone by now', { ...label, signatures: [], blank: true }, 'pool.lacking'],
    ['goes into the pool when an extension that was cut short left it', label, 'pool.lacking'],
    ['stays out when a volume group has it', { ...label, blocker: 'belongs to volume group x' }, 'pool.refusing'],
    ['stays out when it is no label', { ...label, signatures: [{ type: 'ext4' }] }, 'pool.refusing'],
    ['stays out when it is in doubt', { ...label, signatures: [] }, 'pool.refusing'],
  ])('%s', (_what, content, event) => {
    expect(seen(content).event.type).toBe(event);
  });
});
