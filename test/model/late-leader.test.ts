import { expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { migratePerformers } from '../../src/controllers/cluster/migrate-effects.ts';
import { readMigrateObjects } from '../../src/controllers/cluster/observe-migrate.ts';
import { volumePerformers } from '../../src/controllers/cluster/volume-effects.ts';
import { orderDeletion, orderMove, orderVolume, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();

/** What a leader holds in its hands that looked at `vol` and was then frozen for a while. */
async function migrateInHand(cluster: ModelCluster) {
  const { kubectl: client } = cluster;
  const migrate: LocalVolumeMigrate = {
    metadata: { name: 'move-vol' },
    spec: { volumeName: 'vol', sourceNode: 'node1', targetNodesSuggested: [], migrateAllVols: true, abort: false },
    status: {
      state: 'Cutting',
      targetNode: 'node2',
      resourceID: 0,
      moveId: 'long past',
      legs: [
        { node: 'node1', ip: '10.0.0.1' },
        { node: 'node2', ip: '10.0.0.2' },
      ],
    },
  };
  const objects = await readMigrateObjects(client, migrate, signal);
  const nodes = [...(await cluster.objects(LocalStorageNode)).values()];
  return migratePerformers({ client, migrate, objects, nodes, signal });
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
    signal,
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
