import { findCondition } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { replicaName } from '../../src/api/names.ts';
import { copies, leftovers, moveOf, orderDeletion, orderMove, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;

test('a tombstone on a replica takes nothing away while the writer record counts on that copy', async () => {
  const cluster = await withVolume('vol', 'node1');
  const name = replicaName('vol', 'node1');
  await cluster.kubectl.patch(LocalVolumeReplica, name, { spec: { delete: true } });
  await cluster.run({ forMs: minute });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  const replica = (await cluster.objects(LocalVolumeReplica)).get(name);
  expect(replica?.status?.state).toBe('Ready');
  expect(findCondition(replica?.status?.conditions, 'DeletionBlocked')).toMatchObject({
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
  expect((await moveOf(cluster))?.state).toBe('Completed');
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
  expect((await moveOf(cluster))?.state).toBe('ToBeAborted');
  expect(copies(cluster, 'vol')).toMatchObject({ node2: 'precious' });
});

test.each([
  {
    name: 'its disk is away',
    strike: ({ world }: ModelCluster) => world.host('node1').unplug('sdb'),
    mend: ({ world }: ModelCluster) => world.host('node1').plug('sdb'),
  },
  {
    name: 'its power is off',
    strike: ({ world }: ModelCluster) => world.host('node1').powerOff(),
    mend: ({ world }: ModelCluster) => world.host('node1').boot(),
  },
])('an abort leaves the target’s whole copy when the source is counted on alone and $name', async (fault) => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  let isAborted = false;
  const intercept: Interceptor = async (write, act) => {
    const answer = await act();
    if (!write.resource.startsWith('localvolumewriters.')) return answer;
    const inSync = (await cluster.kubectl.get(LocalVolumeWriter, 'vol'))?.spec.inSync.length;
    if (inSync === 2) await cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } });
    if (inSync === 2) isAborted = true;
    else if (isAborted) fault.strike(cluster);
    return answer;
  };
  await cluster.run({ intercept, forMs: 10 * minute, settles: false });
  expect((await cluster.objects(LocalVolumeWriter)).get('vol')?.spec.inSync).toMatchObject([{ node: 'node1' }]);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious', node2: 'precious' });
  expect((await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status).toMatchObject({
    state: 'ToBeAborted',
    reason: 'AbortUnsafe',
  });

  fault.mend(cluster);
  await cluster.run({ forMs: minute });
  expect((await moveOf(cluster))?.state).toBe('Aborted');
  expect(await wherever(cluster)).toEqual(wholeOn('node1'));
});
