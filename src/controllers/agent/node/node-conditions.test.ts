import { expect, test } from 'vitest';
import { nodeConditions } from './node-conditions.ts';

test('who has little room in LVM’s metadata is never told to leave it on one disk alone', () => {
  const { message } = nodeConditions({
    lvm: { pools: [], strangers: [], lowOnMetadata: ['LocalStorage_PoolHDD'], unaccounted: [] },
  }).MetadataAmple;
  expect(message).toContain('add two disks of 1 GiB or more');
  expect(message).toContain('Never leave the description of a pool on fewer than two disks');
});

test('a node without disks says so, and one that nobody looked at that', () => {
  expect(nodeConditions({ inUdevDatabase: [] }).DisksDistinguishable).toMatchObject({
    status: 'True',
    reason: 'NoDisk',
  });
  expect(nodeConditions({}).DisksDistinguishable).toMatchObject({ status: 'Unknown', reason: 'NotSeen' });
});
