import { describe, expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { copies, leftovers, orderDeletion, orderMove, orderVolume, pooled, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { runAnd, runUntil } from './crash.ts';

const timeoutMs = 300_000;

async function expectNothingLeft(cluster: ModelCluster, when: string): Promise<void> {
  for (const kind of [LocalVolume, LocalVolumeReplica, LocalVolumeWriter])
    expect([...(await cluster.objects<{ metadata: { name: string } }>(kind)).keys()], when).toEqual([]);
  expect(copies(cluster, 'vol'), when).toEqual({});
  expect(leftovers(cluster), when).toEqual([]);
}

describe('a volume can be deleted at any moment, with nothing left', () => {
  const scenarios = [
    {
      name: 'while it is made',
      make: async () => {
        const cluster = await pooled('node1', 'node2');
        await orderVolume(cluster.kubectl, 'vol');
        return cluster;
      },
    },
    {
      name: 'while it moves',
      make: async () => {
        const cluster = await withVolume('vol', 'node1', 'node2');
        await orderMove(cluster.kubectl, 'vol', 'node1');
        return cluster;
      },
    },
  ];
  test.each(scenarios)('$name', { timeout: timeoutMs }, async ({ make }) => {
    const { writes } = await runUntil(await make());
    for (const [write, name] of writes.entries()) {
      const cluster = await make();
      await runAnd(cluster, write, () => orderDeletion(cluster.kubectl, 'vol'));
      await expectNothingLeft(cluster, `deleted after write ${write}: ${name}`);
    }
  });
});

test('deletion waits for the node that has the volume open, and names it', async () => {
  const cluster = await withVolume('vol', 'node1');
  const record = (await cluster.objects(LocalVolumeWriter)).get('vol');
  if (record === undefined) throw new Error('no record');
  const [member] = record.spec.inSync;
  await cluster.kubectl.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, ...member } });
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  const volume = (await cluster.objects(LocalVolume)).get('vol');
  expect(volume?.status).toMatchObject({ state: 'ToBeDeleted', reason: 'InUse', publishedNode: 'node1' });
  expect(volume?.status?.message).toContain('node1');
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });

  const { node: _node, vgUUID: _vgUUID, ...free } = record.spec;
  const current = (await cluster.objects(LocalVolumeWriter)).get('vol');
  await cluster.kubectl.update(LocalVolumeWriter, {
    ...record,
    metadata: { ...current?.metadata, name: 'vol' },
    spec: free,
  });
  await cluster.run();
  await expectNothingLeft(cluster, 'after it was closed');
});

test('deletion waits for a process on the host that has the logical volume open', async () => {
  const cluster = await withVolume('vol', 'node1');
  cluster.world.host('node1').open('/dev/LocalStorage_PoolHDD/vol');
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  const replica = [...(await cluster.objects(LocalVolumeReplica)).values()][0];
  expect(replica?.status).toMatchObject({ state: 'ToBeDeleted', reason: 'InUse' });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  cluster.world.host('node1').close('/dev/LocalStorage_PoolHDD/vol');
  await cluster.run();
  await expectNothingLeft(cluster, 'after it was closed');
});

test('the replica on an absent node stays as a tombstone until that node is back', async () => {
  const cluster = await withVolume('vol', 'node1');
  cluster.world.host('node1').powerOff();
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  expect([...(await cluster.objects(LocalVolumeReplica)).values()].map(({ spec }) => spec.delete)).toEqual([true]);
  cluster.world.host('node1').boot();
  await cluster.run();
  await expectNothingLeft(cluster, 'after the node came back');
});

describe('an object that stands for data and is deleted without tombstone', () => {
  test('stays with its data, and says what to do', async () => {
    const cluster = await withVolume('vol', 'node1');
    const [replica] = (await cluster.objects(LocalVolumeReplica)).keys();
    await cluster.kubectl.delete(LocalVolume, 'vol');
    await cluster.kubectl.delete(LocalVolumeReplica, replica ?? '');
    await cluster.run();
    const volume = (await cluster.objects(LocalVolume)).get('vol');
    const blocked = volume?.status?.conditions?.find(({ type }) => type === 'DeletionBlocked');
    expect(blocked).toMatchObject({ status: 'True', reason: 'NoTombstone' });
    expect(blocked?.message).toContain('spec.delete: true');
    expect(blocked?.message).toContain('hwameistor.io/release=vol');
    expect((await cluster.objects(LocalVolumeReplica)).get(replica ?? '')?.status?.state).toBe('Ready');
    expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  });

  test('goes alone when a person releases it: the logical volume and its tags stay, and it is made anew from them', async () => {
    const cluster = await withVolume('vol', 'node1');
    const [replica = ''] = (await cluster.objects(LocalVolumeReplica)).keys();
    const before = cluster.world.describe();
    await cluster.kubectl.delete(LocalVolumeReplica, replica);
    const annotations = { 'hwameistor.io/release': replica };
    await cluster.kubectl.patch(LocalVolumeReplica, replica, { metadata: { annotations } });
    await cluster.run();
    const [anew] = (await cluster.objects(LocalVolumeReplica)).values();
    expect(anew).toMatchObject({ metadata: { name: replica }, spec: { found: true }, status: { state: 'Ready' } });
    expect(cluster.world.describe()).toEqual(before);
    expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({ state: 'Ready' });
  });
});
