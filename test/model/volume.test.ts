import { expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { mib } from '../../src/api/units.ts';
import {
  copies,
  cordon,
  leftovers,
  orderDeletion,
  orderMove,
  orderVolume,
  pool,
  pooled,
  uncordon,
  withVolume,
} from './builders.ts';
import type { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();

test('a volume is made where most room is, with its writer record', async () => {
  const cluster = await pooled('node1', 'node2');
  await orderVolume(cluster.kubectl, 'vol');
  await cluster.run();
  expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({ state: 'Ready', reason: 'Observed' });
  expect((await cluster.objects(LocalVolumeWriter)).get('vol')?.spec).toMatchObject({
    epoch: 1,
    inSync: [{ node: 'node1' }],
  });
  expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node1']);
  const nodes = await cluster.objects(LocalStorageNode);
  expect(nodes.get('node1')?.status?.pools?.[pool]?.volumes).toEqual(['vol']);
});

test('a hundred volumes at once fill the pools without a byte too much', async () => {
  const cluster = await pooled('node1', 'node2');
  for (let index = 0; index < 100; index += 1) await orderVolume(cluster.kubectl, `vol-${index}`);
  await cluster.run();
  const states = [...(await cluster.objects(LocalVolume)).values()].map(({ status }) => status?.state);
  expect(states.filter((state) => state === 'Ready')).toHaveLength(100);
});

test('a deleted volume leaves nothing', async () => {
  const cluster = await withVolume('vol', 'node1');
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  for (const kind of [LocalVolume, LocalVolumeReplica, LocalVolumeWriter])
    expect((await cluster.objects<{ metadata: { name: string } }>(kind)).size).toBe(0);
  expect(copies(cluster, 'vol')).toEqual({});
  expect(leftovers(cluster)).toEqual([]);
});

const replicaOf = async (cluster: ModelCluster) => [...(await cluster.objects(LocalVolumeReplica)).values()][0];

test('a logical volume that vanished is Lost, and never made anew', async () => {
  const cluster = await withVolume('vol', 'node1');
  const { lvm } = cluster.world.host('node1').tools;
  const [volume] = await lvm.logicalVolumes(signal);
  if (volume === undefined) throw new Error('no volume');
  const [tag = ''] = volume.tags;
  await lvm.removeLogicalVolume({ ...volume, requireTags: [tag] }, signal);
  await cluster.run({ forMs: 60_000 });
  expect((await replicaOf(cluster))?.status?.state).toBe('Lost');
  expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({
    state: 'NotReady',
    reason: 'ReplicaNotReady',
  });
  expect(copies(cluster, 'vol')).toEqual({});
});

test('a pool whose disk was wiped leaves its replicas NotReady, and nothing is made in its place', async () => {
  const cluster = await withVolume('vol', 'node1');
  cluster.world.host('node1').wipeDisk('sdb');
  await cluster.run({ forMs: 60_000 });
  expect((await replicaOf(cluster))?.status).toMatchObject({ state: 'NotReady', reason: 'PoolMissing' });
  expect(copies(cluster, 'vol')).toEqual({});
});

test('a logical volume of the same name that is someone else’s is left alone', async () => {
  const cluster = await pooled('node1');
  const { lvm } = cluster.world.host('node1').tools;
  const [volumeGroup] = await lvm.volumeGroups(signal);
  if (volumeGroup === undefined) throw new Error('no group');
  const foreign = { volumeGroup, name: 'vol', sizeBytes: mib(100), tags: ['hwameistor.io/cluster=other'] };
  await lvm.createLogicalVolume(foreign, signal);
  const before = cluster.world.describe();
  await orderVolume(cluster.kubectl, 'vol');
  await cluster.run();
  expect((await replicaOf(cluster))?.status).toMatchObject({ state: 'Invalid', reason: 'LogicalVolumeForeign' });
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  expect((await cluster.objects(LocalVolume)).size).toBe(0);
  expect(cluster.world.describe()).toEqual(before);
});

test('an untagged logical volume of the replica’s name and size is adopted, and counts as formatted', async () => {
  const cluster = await pooled('node1');
  const { lvm } = cluster.world.host('node1').tools;
  const [volumeGroup] = await lvm.volumeGroups(signal);
  if (volumeGroup === undefined) throw new Error('no group');
  await lvm.createLogicalVolume({ volumeGroup, name: 'vol', sizeBytes: mib(100), tags: [] }, signal);
  cluster.world.host('node1').write(`/dev/${pool}/vol`, 'old but dear');
  await orderVolume(cluster.kubectl, 'vol');
  await cluster.run();
  expect((await replicaOf(cluster))?.status?.state).toBe('Ready');
  expect(copies(cluster, 'vol')).toEqual({ node1: 'old but dear' });
  expect((await lvm.logicalVolumes(signal))[0]?.tags).toContain('hwameistor.io/formatted=unknown');
});

test('after a power loss the logical volume is activated again', async () => {
  const cluster = await withVolume('vol', 'node1');
  cluster.world.host('node1').powerOff();
  cluster.world.host('node1').boot();
  await cluster.run();
  expect((await replicaOf(cluster))?.status?.state).toBe('Ready');
  expect(cluster.world.copiesOf('vol')).toMatchObject([{ host: 'node1', active: true, data: 'precious' }]);
});

test('a volume that fits nowhere waits and says what speaks against each node', async () => {
  const cluster = await pooled('node1', 'node2');
  await cordon(cluster.kubectl, 'node2');
  await cluster.run();
  await orderVolume(cluster.kubectl, 'vol', 'node2');
  await cluster.run();
  expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({
    state: 'Creating',
    reason: 'NoRoom',
    message: 'No node can take it: node1 not among the nodes asked for; node2 is Maintain.',
  });
  await uncordon(cluster.kubectl, 'node2');
  await cluster.run();
  expect((await cluster.objects(LocalVolume)).get('vol')?.status?.state).toBe('Ready');
});

test('a volume moves to another node with its data, and leaves nothing behind', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run();
  const migrate = (await cluster.objects(LocalVolumeMigrate)).get('move-vol');
  expect(migrate?.status).toMatchObject({ state: 'Completed', targetNode: 'node2' });
  expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
  expect(leftovers(cluster, 'vol')).toEqual([]);
  expect((await cluster.objects(LocalVolumeWriter)).get('vol')?.spec).toMatchObject({
    epoch: 2,
    inSync: [{ node: 'node2' }],
  });
  expect((await cluster.objects(LocalVolume)).get('vol')?.status?.state).toBe('Ready');
});

test('a DRBD resource of somebody else that has the volume’s name is neither used nor taken down', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const host = cluster.world.host('node1');
  host.runForeignResource('vol', 7);
  const { drbd } = host.tools;
  const before = await drbd.resources(signal);
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run({ forMs: 600_000, settles: false });
  const [source] = (await cluster.objects(LocalVolumeReplica)).values();
  expect(source?.status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
    status: 'True',
    reason: 'DrbdResourceNotOurs',
  });
  expect(await drbd.resources(signal)).toEqual(before);
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  expect(await drbd.resources(signal)).toEqual(before);
  expect(copies(cluster, 'vol')).toEqual({});
});

test.each([
  ['encryption', { volumeEncrypt: { enable: true, type: 'LUKS' } }, 'EncryptionNotSupported', 'spec.volumeEncrypt'],
  ['thin volumes', { thin: true }, 'ThinNotSupported', 'spec.thin'],
  ['convertible volumes', { convertible: true }, 'ConvertibleNotSupported', 'spec.convertible'],
  ['a zone without nodes', { accessibility: { zones: ['mars'], regions: ['default'] } }, 'NoRoom', 'zone default'],
])('a volume that asks for %s is not made as another one, and says why', async (_what, asked, reason, word) => {
  const cluster = await pooled('node1');
  await orderVolume(cluster.kubectl, 'vol');
  await cluster.kubectl.patch(LocalVolume, 'vol', { spec: asked });
  await cluster.run();
  const status = (await cluster.objects(LocalVolume)).get('vol')?.status;
  expect(status).toMatchObject({ state: 'Creating', reason, message: expect.stringContaining(word) });
  expect(copies(cluster, 'vol')).toEqual({});
});

test('a volume that is made anew under its name a moment later goes where it is asked to, not where the first one went', async () => {
  const cluster = await pooled('node1', 'node2');
  const { kubectl } = cluster;
  await orderVolume(kubectl, 'vol', 'node1');
  let steps = 0;
  await cluster.run({
    intercept: async (_write, act) => {
      const answer = await act();
      const volume = await kubectl.get(LocalVolume, 'vol');
      if (steps === 0 && volume?.status?.state === 'Ready') {
        steps = 1;
        await orderDeletion(kubectl, 'vol');
      } else if (steps === 1 && volume === undefined) {
        steps = 2;
        await orderVolume(kubectl, 'vol', 'node2');
      }
      return answer;
    },
  });
  expect(steps).toBe(2);
  expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node2']);
});

test('a logical volume carries what its objects could not be made anew without', async () => {
  const cluster = await pooled('node1');
  await orderVolume(cluster.kubectl, 'vol', 'node1');
  await cluster.kubectl.patch(LocalVolume, 'vol', { spec: { pvcNamespace: 'shop', pvcName: 'data-db-0' } });
  await cluster.run();
  const { lvm } = cluster.world.host('node1').tools;
  const [group] = await lvm.volumeGroups(signal);
  const [volume] = await lvm.logicalVolumes(signal);
  expect(volume?.tags).toEqual([
    'hwameistor.io/blank=yes',
    'hwameistor.io/claim=shop/data-db-0',
    'hwameistor.io/cluster=model',
    'hwameistor.io/epoch=1',
    `hwameistor.io/in-sync=node1:${group?.uuid}`,
    'hwameistor.io/replicas=1',
    'hwameistor.io/role=data',
    'hwameistor.io/volume=id-of-vol',
  ]);
});
