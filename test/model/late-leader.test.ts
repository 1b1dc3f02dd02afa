import { findCondition } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate, type LocalVolumeMigrateState } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica, type ReplicaPair } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { dataProtectionFinalizer, replicaName } from '../../src/api/names.ts';
import { migratePerformers } from '../../src/controllers/cluster/migrate-effects.ts';
import { readMigrateObjects } from '../../src/controllers/cluster/observe-migrate.ts';
import { volumePerformers } from '../../src/controllers/cluster/volume-effects.ts';
import { copies, leftovers, orderDeletion, orderMove, orderVolume, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;

/** What a leader holds in its hands that looked at `vol` and was then frozen for a while. */
async function migrateInHand(cluster: ModelCluster, state: LocalVolumeMigrateState = 'Cutting') {
  const { kubectl: client } = cluster;
  const migrate: LocalVolumeMigrate = {
    metadata: { name: 'move-vol' },
    spec: { volumeName: 'vol', sourceNode: 'node1', targetNodesSuggested: [], migrateAllVols: true, abort: false },
    status: {
      state,
      targetNode: 'node2',
      resourceID: 0,
      moveId: 'long past',
      legs: [
        { node: 'node1', ip: '10.0.0.1' },
        { node: 'node2', ip: '10.0.0.2' },
      ],
    },
  };
  const objects = await readMigrateObjects(client, migrate);
  const nodes = [...(await cluster.objects(LocalStorageNode)).values()];
  return migratePerformers({ client, migrate, objects, nodes });
}

const tombstones = async (cluster: ModelCluster) =>
  [...(await cluster.objects(LocalVolumeReplica)).values()].map(({ spec }) => spec.delete);

test('a leader that wakes up late orders no copy away that came back to the same node since', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const late = await migrateInHand(cluster);
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run();
  await cluster.kubectl.delete(LocalVolumeMigrate, 'move-vol');
  await cluster.run();
  await orderMove(cluster.kubectl, 'vol', 'node2');
  await cluster.run();
  await expect(late.deleteSource()).rejects.toThrow(/Conflict|cannot be fulfilled/);
  expect(await tombstones(cluster)).toEqual([false]);
});

test('a leader that wakes up late makes no target for a move that is over', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  const late = await migrateInHand(cluster, 'Paired');
  await cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } });
  await cluster.run();
  await expect(late.createTarget()).rejects.toThrow('changed since the look');
  expect(await wherever(cluster)).toEqual(wholeOn('node1'));
});

/** What a leader made that was frozen between its last look and its write. */
async function makeLateTarget(cluster: ModelCluster, more: Partial<ReplicaPair> = {}): Promise<string> {
  const source = (await cluster.objects(LocalVolumeReplica)).get(replicaName('vol', 'node1'));
  if (source === undefined) throw new Error('the volume was not made');
  const legs = [
    { node: 'node1', ip: '10.0.0.1' },
    { node: 'node2', ip: '10.0.0.2' },
  ];
  const numbers = { resourceID: 0, port: 43_001, minor: 1_000 };
  const pair: ReplicaPair = {
    migrate: 'move-vol',
    moveId: 'long past',
    role: 'target',
    phase: 'Pair',
    ...numbers,
    legs,
    ...more,
  };
  const metadata = { name: replicaName('vol', 'node2'), finalizers: [dataProtectionFinalizer] };
  const spec = { ...source.spec, nodeName: 'node2', pair };
  await cluster.kubectl.create(LocalVolumeReplica, { metadata, spec });
  return metadata.name;
}

describe('a target that was made for a move that is over', () => {
  test.each([
    { name: 'gone', end: (cluster: ModelCluster) => cluster.run() },
    {
      name: 'still to be looked at',
      end: async (cluster: ModelCluster) => {
        await orderMove(cluster.kubectl, 'vol', 'node1');
        await cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } });
        await cluster.run();
      },
    },
  ])('is cleaned up when that one is $name: it never was a copy', async ({ end }) => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    await end(cluster);
    await makeLateTarget(cluster);
    await cluster.run({ forMs: minute });
    expect(await wherever(cluster)).toEqual(wholeOn('node1'));
    expect((await cluster.objects(LocalVolumeReplica)).size).toBe(1);
  });

  test('is cleaned up when the volume is gone too', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    await makeLateTarget(cluster);
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run({ forMs: minute });
    expect(leftovers(cluster)).toEqual([]);
    expect((await cluster.objects(LocalVolumeReplica)).size).toBe(0);
  });

  test('is kept and reported when it is a copy that the volume counts on', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    const name = await makeLateTarget(cluster);
    const record = await cluster.kubectl.get(LocalVolumeWriter, 'vol');
    if (record === undefined) throw new Error('the volume was not made');
    const inSync = [...record.spec.inSync, { node: 'node2', vgUUID: 'of node2' }];
    await cluster.kubectl.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, inSync } });
    await cluster.run({ forMs: minute });
    const kept = (await cluster.objects(LocalVolumeReplica)).get(name);
    expect(kept?.spec.delete).toBe(false);
    expect(findCondition(kept?.status?.conditions, 'Orphaned')).toMatchObject({ status: 'True', reason: 'MoveIsOver' });
    expect(copies(cluster, 'vol')).toMatchObject({ node1: 'precious' });
  });
});

test('a leader that wakes up late deletes nothing of a volume that was made anew under the name', async () => {
  const cluster = await withVolume('vol', 'node1');
  const { kubectl: client } = cluster;
  const volume = await client.get(LocalVolume, 'vol');
  const replicas = [...(await cluster.objects(LocalVolumeReplica)).values()];
  const record = await client.get(LocalVolumeWriter, 'vol');
  if (volume === undefined || record === undefined) throw new Error('the volume was not made');
  const facts = { away: [], replicas, record, strangers: [], moves: [], placement: undefined };
  const late = volumePerformers({
    client,
    volume,
    facts,
    nodes: [],
    newVolumeId: ({ metadata }) => metadata.name,
  });
  await orderDeletion(client, 'vol');
  await cluster.run();
  await orderVolume(client, 'vol', 'node1');
  await cluster.run();
  await expect(late.createReplicas({ nodes: ['node2'] })).rejects.toThrow('was deleted since');
  await expect(late.deleteReplicas()).rejects.toThrow(/Conflict|cannot be fulfilled/);
  await expect(late.deleteRecord()).rejects.toThrow(/Conflict|cannot be fulfilled/);
  expect(await tombstones(cluster)).toEqual([false]);
  expect(await client.get(LocalVolumeWriter, 'vol')).toBeDefined();
});
