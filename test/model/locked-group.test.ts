import { builtin } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { copies, orderDeletion, orderVolume, pool, withVolume } from './builders.ts';

test('while somebody keeps the lock of a pool all stays as it is told, what waits says why, and goes on by itself', async () => {
  const cluster = await withVolume('kept', 'node1');
  const unlock = cluster.world.host('node1').lockGroup(pool);
  await orderVolume(cluster.kubectl, 'wanted', 'node1');
  await cluster.run({ forMs: 120_000, settles: false });

  const { status } = (await cluster.objects(LocalStorageNode)).get('node1') ?? {};
  const available = status?.conditions?.find(({ type }) => type === 'Available');
  expect(available).toMatchObject({ status: 'False', reason: 'Busy', message: expect.stringContaining(pool) });
  expect(status?.pools?.[pool]).toMatchObject({ state: 'Unseen', volumes: ['kept'] });
  expect([...(await cluster.objects(LocalDisk)).values()].map(({ spec }) => spec.owner)).toEqual(['local-storage']);
  const replicas = [...(await cluster.objects(LocalVolumeReplica)).values()];
  expect(replicas.find(({ spec }) => spec.volumeName === 'kept')?.status?.state).toBe('Ready');
  const waiting = replicas.find(({ spec }) => spec.volumeName === 'wanted');
  const told = [...(await cluster.objects(builtin.Event)).values()].filter(({ reason }) => reason === 'Busy');
  expect(told.map(({ regarding }) => regarding?.name)).toContain(waiting?.metadata.name);

  unlock();
  await cluster.run({ forMs: 60_000 });
  expect(copies(cluster, 'kept')).toEqual({ node1: 'precious' });
  expect(copies(cluster, 'wanted')).toHaveProperty('node1');
  const after = (await cluster.objects(LocalStorageNode)).get('node1')?.status?.pools?.[pool];
  expect(after).toMatchObject({ state: 'Healthy', volumes: ['kept', 'wanted'] });
});

test('a deletion waits for the lock of its pool, and ends once it is free', async () => {
  const cluster = await withVolume('vol', 'node1');
  const unlock = cluster.world.host('node1').lockGroup(pool);
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run({ forMs: 120_000, settles: false });
  const [replica] = (await cluster.objects(LocalVolumeReplica)).values();
  expect(replica?.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'Busy' }),
  );
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  unlock();
  await cluster.run({ forMs: 60_000 });
  expect(copies(cluster, 'vol')).toEqual({});
  expect(await cluster.objects(LocalVolumeReplica)).toEqual(new Map());
});
