import { expect, test } from 'vitest';
import type { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../api/local-disk.schema.ts';
import { claimSight } from './claim-event.ts';

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
  const sight = claimSight(claim, { disks: [disk], pooled: new Set() });
  expect([sight.event.type, sight.reason]).toEqual([event, reason]);
});

test('why a claimed disk can’t go into the pool is told in its own words', () => {
  const disk = diskWhoseUsable('False', 'Mounted', 'Mounted on /data.');
  expect(claimSight(claim, { disks: [disk], pooled: new Set() }).message).toBe('disk: Mounted on /data.');
});
