import type { KubernetesObject, Resource } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { metadataVolumeName, releaseAnnotation, replicaName } from '../../src/api/names.ts';
import { copies, cordon, leftovers, orderDeletion, orderVolume, pool, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();

/** A person gives an object up and keeps its data. */
async function release<O extends KubernetesObject>(cluster: ModelCluster, kind: Resource<O>, name: string) {
  await cluster.kubectl.patch(kind, name, { metadata: { annotations: { [releaseAnnotation]: name } } });
  await cluster.kubectl.delete(kind, name);
  await cluster.run();
}

/** Its finalizers are taken away by hand, so that it is gone before anybody of us knows. */
async function vanish<O extends KubernetesObject>(cluster: ModelCluster, kind: Resource<O>, name: string) {
  const annotations = { [releaseAnnotation]: name };
  await cluster.kubectl.patch(kind, name, { metadata: { annotations, finalizers: null } });
  await cluster.kubectl.delete(kind, name);
}

const statusOf = async (cluster: ModelCluster) => (await cluster.objects(LocalVolume)).get('vol')?.status;

test('a volume of a name whose earlier volume was released takes nothing of it, and its deletion deletes nothing of it', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await vanish(cluster, LocalVolume, 'vol');
  await orderVolume(cluster.kubectl, 'vol', 'node2');
  await cluster.run();
  const status = await statusOf(cluster);
  expect(status).toMatchObject({ state: 'Creating', reason: 'NameTaken' });
  expect(status?.message).toContain(`kubectl patch lvr ${replicaName('vol', 'node1')} `);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  // The name is free for the earlier one, which is there again.
  expect(await statusOf(cluster)).toMatchObject({ state: 'Ready', replicas: [replicaName('vol', 'node1')] });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
});

test('the commands that such a volume names make room for it', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const { kubectl } = cluster;
  await vanish(cluster, LocalVolume, 'vol');
  await orderVolume(kubectl, 'vol', 'node2');
  await cluster.run();
  await kubectl.patch(LocalVolumeReplica, replicaName('vol', 'node1'), { spec: { delete: true } });
  await release(cluster, LocalVolumeWriter, 'vol');
  expect(await statusOf(cluster)).toMatchObject({ state: 'Ready' });
  expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node2']);
  expect(leftovers(cluster, 'vol')).toEqual([]);
});

test('a replica that was restored without its status makes no empty volume in place of the one that is gone', async () => {
  const cluster = await withVolume('vol', 'node1');
  const name = replicaName('vol', 'node1');
  const saved = (await cluster.objects(LocalVolumeReplica)).get(name);
  if (saved === undefined) throw new Error('the replica was not made');
  const { lvm } = cluster.world.host('node1').tools;
  const [volume] = await lvm.logicalVolumes(signal);
  await vanish(cluster, LocalVolumeReplica, name);
  await lvm.removeLogicalVolume({ ...volume!, requireTags: [volume!.tags[0]!] }, signal);
  await cluster.kubectl.create(LocalVolumeReplica, { metadata: { name }, spec: saved.spec });
  await cluster.run();
  expect((await cluster.objects(LocalVolumeReplica)).get(name)?.status).toMatchObject({ state: 'Lost' });
  expect(await statusOf(cluster)).toMatchObject({ state: 'NotReady' });
  expect(copies(cluster, 'vol')).toEqual({});
});

test('a volume that was restored without its status makes no empty replica in place of one that is gone', async () => {
  const cluster = await withVolume('vol', 'node1');
  const saved = (await cluster.objects(LocalVolume)).get('vol');
  if (saved === undefined) throw new Error('the volume was not made');
  await vanish(cluster, LocalVolume, 'vol');
  await vanish(cluster, LocalVolumeReplica, replicaName('vol', 'node1'));
  cluster.world.host('node1').powerOff();
  await cluster.kubectl.create(LocalVolume, { metadata: { name: 'vol' }, spec: saved.spec });
  await cluster.run({ forMs: 60_000, settles: false });
  expect(await statusOf(cluster)).toMatchObject({ state: 'NotReady', reason: 'ReplicaMissing' });
  expect(await cluster.objects(LocalVolumeReplica)).toEqual(new Map());
  cluster.world.host('node1').boot();
  await cluster.run({ forMs: 60_000 });
  expect(await statusOf(cluster)).toMatchObject({ state: 'Ready' });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
});

test('a writer record that vanished does not let a tombstone cost a wanted volume its copy', async () => {
  const cluster = await withVolume('vol', 'node1');
  const name = replicaName('vol', 'node1');
  await cluster.kubectl.delete(LocalVolumeWriter, 'vol');
  await cluster.kubectl.patch(LocalVolumeReplica, name, { spec: { delete: true } });
  await cluster.run({ forMs: 60_000 });
  const kept = (await cluster.objects(LocalVolumeReplica)).get(name);
  expect(kept?.status?.conditions?.find(({ type }) => type === 'DeletionBlocked')).toMatchObject({
    status: 'True',
    reason: 'InSyncCopy',
  });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run({ forMs: 60_000 });
  expect(cluster.world.host('node1').describe().groups[pool]?.volumes).toEqual({});
});

test('a record that is made anew takes the epoch that the copy names', async () => {
  const cluster = await withVolume('vol', 'node1');
  const { lvm } = cluster.world.host('node1').tools;
  const [volume] = await lvm.logicalVolumes(signal);
  const change = { add: ['hwameistor.io/epoch=7'], remove: ['hwameistor.io/epoch=1'] };
  await lvm.changeLogicalVolumeTags({ ...volume!, ...change }, signal);
  await vanish(cluster, LocalVolume, 'vol');
  await cluster.kubectl.delete(LocalVolumeWriter, 'vol');
  await cluster.run({ forMs: 60_000 });
  expect((await cluster.objects(LocalVolumeWriter)).get('vol')?.spec).toMatchObject({ epoch: 7 });
  expect(await statusOf(cluster)).toMatchObject({ state: 'Ready' });
});

test('data that no object stands for keep a drained node from counting as empty, and are told', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const { lvm } = cluster.world.host('node1').tools;
  const [volume] = await lvm.logicalVolumes(signal);
  // One side of a pair, of which nobody knows how far its move had come.
  const tags = volume!.tags.filter((tag) => /\/(cluster|volume)=/.test(tag)).concat('hwameistor.io/role=drbd-meta');
  await lvm.createLogicalVolume(
    { volumeGroup: volume!.volumeGroup, name: metadataVolumeName('vol'), sizeBytes: 1, tags },
    signal,
  );
  await vanish(cluster, LocalVolume, 'vol');
  await vanish(cluster, LocalVolumeReplica, replicaName('vol', 'node1'));
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 120_000 });
  const status = (await cluster.objects(LocalStorageNode)).get('node1')?.status;
  expect(status?.state).toBe('Evicting');
  expect(status?.plan).toMatchObject([
    { volume: 'vol', state: 'Blocked', blocker: expect.stringMatching(/^Unclaimed: /) },
  ]);
  expect(status?.conditions?.find(({ type }) => type === 'SafeToPowerOff')).toMatchObject({
    status: 'False',
    reason: 'LastCopyHere',
  });
});

test('a deletion that waits for a disk that never comes back ends when a person says so', async () => {
  const cluster = await withVolume('vol', 'node1');
  const name = replicaName('vol', 'node1');
  cluster.world.host('node1').wipeDisk('sdb');
  await cluster.run();
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run({ forMs: 60_000 });
  expect((await statusOf(cluster))?.message).toContain(`kubectl annotate lvr ${name} hwameistor.io/release=${name}`);
  await cluster.kubectl.patch(LocalVolumeReplica, name, { metadata: { annotations: { [releaseAnnotation]: name } } });
  await cluster.run();
  expect([await statusOf(cluster), await cluster.objects(LocalVolumeReplica)]).toEqual([undefined, new Map()]);
});

test('a deletion that waits for a node that never comes back ends when a person says so', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const name = replicaName('vol', 'node1');
  cluster.world.host('node1').powerOff();
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.kubectl.patch(LocalVolumeReplica, name, { metadata: { annotations: { [releaseAnnotation]: name } } });
  await cluster.run({ forMs: 60_000 });
  expect([await statusOf(cluster), await cluster.objects(LocalVolumeReplica)]).toEqual([undefined, new Map()]);
});
