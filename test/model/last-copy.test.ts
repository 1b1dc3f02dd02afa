import type { Interceptor } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { replicaName } from '../../src/api/names.ts';
import { conditionOf } from '../../src/controllers/progress.ts';
import { copies, leftovers, orderDeletion, orderMove, withVolume } from './builders.ts';

const minute = 60_000;

test('a tombstone on a replica takes nothing away while the writer record counts on that copy', async () => {
  const cluster = await withVolume('vol', 'node1');
  const name = replicaName('vol', 'node1');
  await cluster.kubectl.patch(LocalVolumeReplica, name, { spec: { delete: true } });
  await cluster.run({ forMs: minute });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  const replica = (await cluster.objects(LocalVolumeReplica)).get(name);
  expect(replica?.status?.state).toBe('Ready');
  expect(conditionOf(replica?.status?.conditions, 'DeletionBlocked')).toMatchObject({
    status: 'True',
    reason: 'InSyncCopy',
  });
  expect((await cluster.objects(LocalVolume)).get('vol')?.status?.state).toBe('Ready');

  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run({ forMs: minute });
  expect(copies(cluster, 'vol')).toEqual({});
  expect(leftovers(cluster)).toEqual([]);
  expect((await cluster.objects(LocalVolumeReplica)).size).toBe(0);
});

test('a source stays as long as the target is not seen whole after the volume was handed over', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const target = cluster.world.host('node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  const intercept: Interceptor = async (write, act) => {
    const answer = await act();
    if (write.verb === 'update' && write.resource.startsWith('localvolumes.') && target.isOn) target.powerOff();
    return answer;
  };
  await cluster.run({ intercept, forMs: 10 * minute, settles: false });
  expect(target.isOn).toBe(false);
  expect((await cluster.objects(LocalVolumeWriter)).get('vol')?.spec.inSync).toMatchObject([{ node: 'node2' }]);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious', node2: 'precious' });
  expect((await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status?.reason).toBe('TargetUnproven');

  target.boot();
  await cluster.run({ forMs: minute });
  expect((await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status?.state).toBe('Completed');
  expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
  expect(leftovers(cluster, 'vol')).toEqual([]);
});

test('an abort does not cost the target’s copy while the source’s disk is away', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const source = cluster.world.host('node1');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  const intercept: Interceptor = async (write, act) => {
    const answer = await act();
    const record = await cluster.kubectl.get(LocalVolumeWriter, 'vol');
    if (write.resource.startsWith('localvolumewriters.') && record?.spec.inSync.length === 2) {
      source.unplug('sdb');
      await cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } });
    }
    return answer;
  };
  await cluster.run({ intercept, forMs: 10 * minute, settles: false });
  expect((await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status?.state).toBe('ToBeAborted');
  expect(copies(cluster, 'vol')).toMatchObject({ node2: 'precious' });
});
