import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { rebuildWithoutAnnotation, replicaName } from '../../src/api/names.ts';
import { copies, leftovers, orderDeletion, orderMove, orderVolume, pool, pooled, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { asFileSystem, mountsOn, never, nodeVolumes, recordOf, staging } from './csi-node.ts';
import { backup, loseObjects, setBack } from './objects.ts';

const device = `/dev/${pool}/vol`;
const volumeOf = async (cluster: ModelCluster, name = 'vol') => (await cluster.objects(LocalVolume)).get(name);
const reasons = async (cluster: ModelCluster): Promise<string[]> =>
  [...(await cluster.objects(builtin.Event)).values()].flatMap(({ reason }) => reason ?? []);

/** A volume on node1 that a pod of claim shop/data has mounted. */
async function inUse(...nodes: string[]): Promise<ModelCluster> {
  const cluster = await pooled(...nodes);
  await orderVolume(cluster.kubectl, 'vol', 'node1');
  await cluster.kubectl.patch(LocalVolume, 'vol', { spec: { pvcNamespace: 'shop', pvcName: 'data' } });
  await cluster.run();
  await cluster.world.host('node1').tools.fs.zero({ device, onProgress: () => undefined }, never);
  await nodeVolumes(cluster, 'node1').stage('vol', staging, asFileSystem('xfs'), never);
  cluster.world.host('node1').write(device, 'precious');
  await cluster.run({ forMs: 60_000 });
  return cluster;
}

describe('with every object of ours lost', () => {
  test('a volume is there again as it was, and the pod that has it mounted never noticed', async () => {
    const cluster = await inUse('node1', 'node2');
    const before = await volumeOf(cluster);
    const mounts = await mountsOn(cluster, 'node1');
    await loseObjects(cluster);
    await cluster.run({ forMs: 120_000 });

    expect(await mountsOn(cluster, 'node1')).toEqual(mounts);
    expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
    expect(cluster.world.host('node1').formatted).toEqual([device]);
    const after = await volumeOf(cluster);
    const { accessibility: _where, ...spec } = before?.spec ?? {};
    expect(after?.spec).toEqual(spec);
    expect(after?.status).toMatchObject({ state: 'Ready', fsType: 'xfs', publishedNode: 'node1' });
    expect(await recordOf(cluster)).toMatchObject({ node: 'node1', epoch: 1, inSync: [{ node: 'node1' }] });

    const volumes = nodeVolumes(cluster, 'node1');
    await volumes.unstage('vol', staging, never);
    expect((await recordOf(cluster))?.node).toBeUndefined();
    await volumes.stage('vol', staging, asFileSystem('xfs'), never);
    expect(cluster.world.host('node1').formatted).toEqual([device]);
    await volumes.unstage('vol', staging, never);
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run({ forMs: 60_000 });
    expect([await volumeOf(cluster), copies(cluster, 'vol')]).toEqual([undefined, {}]);
  });

  test.each([LocalVolume, LocalVolumeReplica, LocalVolumeWriter])(
    'or those of one kind alone: $kind',
    async ({ kind }) => {
      const cluster = await inUse('node1', 'node2');
      const { config } = (await volumeOf(cluster))?.spec ?? {};
      await loseObjects(cluster, (_object, lost) => lost === kind);
      await cluster.run({ forMs: 120_000 });
      const after = await volumeOf(cluster);
      expect(after).toMatchObject({ spec: { config }, status: { state: 'Ready', publishedNode: 'node1' } });
      expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
      expect(await cluster.objects(LocalVolumeReplica)).toHaveProperty('size', 1);
    },
  );

  test('a node that was off meanwhile has its volumes again once it is back', async () => {
    const cluster = await inUse('node1', 'node2');
    cluster.world.host('node1').powerOff();
    await loseObjects(cluster);
    await cluster.run({ forMs: 60_000 });
    expect(await volumeOf(cluster)).toBeUndefined();
    cluster.world.host('node1').boot();
    await cluster.run({ forMs: 60_000 });
    expect((await volumeOf(cluster))?.status).toMatchObject({ state: 'Ready' });
    expect((await recordOf(cluster))?.node).toBeUndefined();
    expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  });

  test('a deletion that had begun is carried to its end', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    await orderDeletion(cluster.kubectl, 'vol');
    const isMarked = ({ tags }: { tags: readonly string[] }) => tags.includes('hwameistor.io/deleting=yes');
    const { lvm } = cluster.world.host('node1').tools;
    const stop = new AbortController();
    await cluster
      .run({
        killed: stop.signal,
        tools: (tools) => ({
          ...tools,
          lvm: {
            ...tools.lvm,
            removeLogicalVolume: async () => {
              stop.abort(new Error('killed before the removal'));
              throw stop.signal.reason;
            },
          },
        }),
      })
      .catch(() => undefined);
    expect((await lvm.logicalVolumes(never)).map(isMarked)).toEqual([true]);
    await loseObjects(cluster);
    await cluster.run({ forMs: 60_000 });
    expect(copies(cluster, 'vol')).toEqual({});
    expect(await cluster.objects(LocalVolumeReplica)).toEqual(new Map());
    expect(await volumeOf(cluster)).toBeUndefined();
  });

  test('a pair is left as it is: whoever has it open goes on, and why nobody else may is told', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    cluster.world.cut('node1', 'node2');
    await orderMove(cluster.kubectl, 'vol', 'node1');
    await cluster.run({ forMs: 120_000, settles: false });
    const before = cluster.world.describe();
    await loseObjects(cluster);
    await cluster.run({ forMs: 120_000 });
    expect(cluster.world.describe()).toEqual(before);
    expect(await cluster.objects(LocalVolumeReplica)).toEqual(new Map());
    expect(await reasons(cluster)).toContain('PairWithoutObjects');
  });

  test('nobody may write while a copy was not read that may be newer, until a person says so', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    const { lvm } = cluster.world.host('node1').tools;
    const [volume] = await lvm.logicalVolumes(never);
    await lvm.changeLogicalVolumeTags({ ...volume!, add: ['hwameistor.io/in-sync=node9:group9'], remove: [] }, never);
    await loseObjects(cluster);
    await cluster.run({ forMs: 60_000, settles: false });
    const waits = await volumeOf(cluster);
    const name = replicaName('vol', 'node1');
    expect(waits?.status).toMatchObject({ state: 'NotReady', reason: 'CopiesUnread' });
    expect(waits?.status?.message).toContain(`kubectl annotate lvr ${name} ${rebuildWithoutAnnotation}=node9`);
    expect(await recordOf(cluster)).toBeUndefined();
    const annotations = { [rebuildWithoutAnnotation]: 'node9' };
    await cluster.kubectl.patch(LocalVolumeReplica, name, { metadata: { annotations } });
    await cluster.run({ forMs: 60_000 });
    expect((await volumeOf(cluster))?.status).toMatchObject({ state: 'Ready' });
    expect(await recordOf(cluster)).toMatchObject({ inSync: [{ node: 'node1' }] });
  });
});

describe('with etcd set back', () => {
  test('a volume that moved since is used where it is now, and not where it was', async () => {
    const cluster = await inUse('node1', 'node2');
    await nodeVolumes(cluster, 'node1').unstage('vol', staging, never);
    const old = await backup(cluster);
    await orderMove(cluster.kubectl, 'vol', 'node1');
    await cluster.run({ forMs: 120_000 });
    expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
    await setBack(cluster, old);
    await cluster.run({ forMs: 120_000 });
    expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
    expect(await recordOf(cluster)).toMatchObject({ epoch: 2, inSync: [{ node: 'node2' }] });
    expect((await volumeOf(cluster))?.spec.config?.replicas).toMatchObject([{ hostname: 'node2' }]);
    expect((await volumeOf(cluster))?.status).toMatchObject({ state: 'Ready' });
    await nodeVolumes(cluster, 'node2').stage('vol', staging, asFileSystem(), never);
    expect(cluster.world.host('node2').formatted).toEqual([]);
  });

  test('a volume that was made since is found, and one that was deleted since is shown as lost and never made anew', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    const old = await backup(cluster);
    await orderVolume(cluster.kubectl, 'newer', 'node2');
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run({ forMs: 60_000 });
    await setBack(cluster, old);
    await cluster.run({ forMs: 120_000 });
    expect((await volumeOf(cluster, 'newer'))?.status).toMatchObject({ state: 'Ready' });
    expect((await volumeOf(cluster))?.status).toMatchObject({ state: 'NotReady' });
    expect(copies(cluster, 'vol')).toEqual({});
    const replica = (await cluster.objects(LocalVolumeReplica)).get(replicaName('vol', 'node1'));
    expect(replica?.status).toMatchObject({ state: 'Lost' });
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run({ forMs: 60_000 });
    expect(await volumeOf(cluster)).toBeUndefined();
    expect(leftovers(cluster, 'newer')).toEqual([]);
  });

  test('no node is let in by a record from before what another copy holds', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    const record = (await cluster.objects(LocalVolumeWriter)).get('vol');
    const replica = (await cluster.objects(LocalVolumeReplica)).get(replicaName('vol', 'node1'));
    const elsewhere = replicaName('vol', 'node2');
    await cluster.kubectl.create(LocalVolumeReplica, {
      metadata: { name: elsewhere },
      spec: { ...replica!.spec, nodeName: 'node2' },
    });
    const made = (await cluster.objects(LocalVolumeReplica)).get(elsewhere);
    await cluster.kubectl.updateStatus(LocalVolumeReplica, { ...made!, status: { ...replica!.status, epoch: 2 } });
    expect(record?.spec.epoch).toBe(1);
    await expect(nodeVolumes(cluster, 'node1').stage('vol', staging, asFileSystem(), never)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('node2'),
    });
    expect(await mountsOn(cluster, 'node1')).toEqual([]);
  });
});
