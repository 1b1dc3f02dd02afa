import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { sha256 } from '../../src/api/sha256.ts';
import { parseLogicalVolumeTags } from '../../src/api/tags.ts';
import { keepRecords } from '../../src/csi/node/keep-records.ts';
import { leftovers, orderMove, pool, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import {
  asBlock,
  asFileSystem,
  contextOn,
  mountsOn,
  never,
  nodeVolumes,
  recordOf,
  staging,
  target,
} from './csi-node.ts';

const device = `/dev/${pool}/vol`;

const tagsOn = async (cluster: ModelCluster, node: string) => {
  const volumes = await cluster.world.host(node).tools.lvm.logicalVolumes(never);
  return parseLogicalVolumeTags(volumes.find(({ name }) => name === 'vol')?.tags ?? []).tags;
};
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: Error & { code?: string }) => error.code ?? error.message,
  );
/** What nobody ever wrote to. */
const untouched = async (...nodes: string[]): Promise<ModelCluster> => {
  const cluster = await withVolume('vol', ...nodes);
  await cluster.world.host('node1').tools.fs.zero({ device, onProgress: () => undefined }, never);
  return cluster;
};

describe('a volume that a pod uses', () => {
  test('is formatted once, mounted where kubelet asks, and its record is given up after', async () => {
    const cluster = await untouched('node1');
    const host = cluster.world.host('node1');
    for (let pod = 0; pod < 2; pod += 1) {
      const volumes = nodeVolumes(cluster, 'node1');
      await volumes.stage('vol', staging, asFileSystem('xfs'), never);
      expect(await recordOf(cluster)).toMatchObject({ node: 'node1' });
      const publication = { volume: 'vol', stagingPath: staging, target, wanted: asFileSystem('xfs'), readOnly: false };
      await volumes.publish(publication, never);
      await volumes.publish(publication, never);
      expect(await mountsOn(cluster, 'node1')).toEqual([`${staging} 253:0`, `${target} 253:0`]);
      await volumes.unpublish('vol', target, never);
      expect(await recordOf(cluster)).toMatchObject({ node: 'node1' });
      await volumes.unstage('vol', staging, never);
      expect((await recordOf(cluster))?.node).toBeUndefined();
      expect(await mountsOn(cluster, 'node1')).toEqual([]);
    }
    expect(host.formatted).toEqual([device]);
    expect(await tagsOn(cluster, 'node1')).toMatchObject({ formatted: 'xfs' });
    await cluster.run({ forMs: 60_000 });
    expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({ fsType: 'xfs', state: 'Ready' });
  });

  test('is published only once it is staged, also after somebody unmounted the staging path', async () => {
    const cluster = await untouched('node1');
    const volumes = nodeVolumes(cluster, 'node1');
    await volumes.stage('vol', staging, asFileSystem(), never);
    await cluster.world.host('node1').tools.fs.unmount(staging, never);
    const publication = { volume: 'vol', stagingPath: staging, target, wanted: asFileSystem(), readOnly: true };
    await volumes.publish(publication, never);
    expect(await mountsOn(cluster, 'node1')).toEqual([`${staging} 253:0`, `${target} 253:0`]);
  });

  test('stays this node’s while a process has it open, whatever kubelet says', async () => {
    const cluster = await untouched('node1');
    const host = cluster.world.host('node1');
    const volumes = nodeVolumes(cluster, 'node1');
    await volumes.stage('vol', staging, asFileSystem(), never);
    host.open(device, 'a pod that was deleted by force');
    await volumes.unstage('vol', staging, never);
    expect(await recordOf(cluster)).toMatchObject({ node: 'node1' });
    host.close(device);
    await volumes.look('vol');
    expect((await recordOf(cluster))?.node).toBeUndefined();
  });

  test('is for one pod alone where that was asked for', async () => {
    const cluster = await untouched('node1');
    const volumes = nodeVolumes(cluster, 'node1');
    const wanted = { ...asFileSystem(), exclusive: true };
    const publication = { volume: 'vol', stagingPath: staging, target, wanted, readOnly: false };
    await volumes.publish(publication, never);
    await volumes.publish(publication, never);
    expect(await codeOf(volumes.publish({ ...publication, target: `${target}-2` }, never))).toBe('FAILED_PRECONDITION');
  });

  test('is waited for while another node has it open, and whose it is stands in the refusal', async () => {
    const cluster = await untouched('node1');
    const record = (await cluster.objects(LocalVolumeWriter)).get('vol');
    if (record === undefined) throw new Error('no record');
    const taken = { ...record, spec: { ...record.spec, node: 'node9', vgUUID: 'g9' } };
    await cluster.kubectl.update(LocalVolumeWriter, taken);
    const refused = nodeVolumes(cluster, 'node1').stage('vol', staging, asFileSystem(), never);
    const outcome = expect(refused).rejects.toMatchObject({ code: 'ABORTED', message: /^node9 has vol open still/ });
    await cluster.run({ forMs: 110_000 });
    await outcome;
    expect(await mountsOn(cluster, 'node1')).toEqual([]);

    const waits = nodeVolumes(cluster, 'node1').stage('vol', staging, asFileSystem(), never);
    const { node: _node, vgUUID: _group, ...free } = taken.spec;
    const latest = (await cluster.objects(LocalVolumeWriter)).get('vol');
    await cluster.kubectl.update(LocalVolumeWriter, { ...taken, metadata: latest!.metadata, spec: free });
    await cluster.run({ forMs: 10_000 });
    await waits;
    expect(await recordOf(cluster)).toMatchObject({ node: 'node1' });
  });
});

describe('a volume is never formatted again', () => {
  test.each([
    ['nothing is found any more', 'ext4', []],
    ['another file system is found', 'ext4', ['xfs']],
    ['something else is found', 'xfs', ['LVM2_member']],
  ] as const)('once it was: %s', async (_what, first, found) => {
    const cluster = await untouched('node1');
    const host = cluster.world.host('node1');
    const volumes = nodeVolumes(cluster, 'node1');
    await volumes.stage('vol', staging, asFileSystem(first), never);
    await volumes.unstage('vol', staging, never);
    await host.tools.fs.zero({ device, onProgress: () => undefined }, never);
    for (const type of found) host.format(device, type);
    expect(await codeOf(volumes.stage('vol', staging, asFileSystem(first), never))).toBe('FAILED_PRECONDITION');
    expect(host.formatted).toEqual([device]);
    expect((await recordOf(cluster))?.node).toBeUndefined();
  });

  test.each(['ext4', 'LVM2_member'])('by what its class says: it holds %s and xfs is asked for', async (type) => {
    const cluster = await untouched('node1');
    const host = cluster.world.host('node1');
    host.format(device, type);
    const volumes = nodeVolumes(cluster, 'node1');
    expect(await codeOf(volumes.stage('vol', staging, asFileSystem('xfs'), never))).toBe('FAILED_PRECONDITION');
    expect(host.formatted).toEqual([]);
  });

  test('nor when it can’t be read', async () => {
    const cluster = await untouched('node1');
    const host = cluster.world.host('node1');
    host.changeDisk('sdb', { unreadable: true });
    const volumes = nodeVolumes(cluster, 'node1');
    expect(await codeOf(volumes.stage('vol', staging, asFileSystem(), never))).not.toBe('done');
    expect(host.formatted).toEqual([]);
  });

  test('nor when its disk was replaced by a blank one: the volume is lost, and is not made anew', async () => {
    const cluster = await untouched('node1');
    const host = cluster.world.host('node1');
    const volumes = nodeVolumes(cluster, 'node1');
    await volumes.stage('vol', staging, asFileSystem(), never);
    await volumes.unstage('vol', staging, never);
    const [logical] = await host.tools.lvm.logicalVolumes(never);
    if (logical === undefined) throw new Error('no volume');
    const { volumeGroup, name, uuid } = logical;
    await host.tools.lvm.changeLogicalVolumeTags(
      { volumeGroup, name, uuid, remove: logical.tags.filter((tag) => tag.includes('/volume=')) },
      never,
    );
    expect(await codeOf(volumes.stage('vol', staging, asFileSystem(), never))).toBe('FAILED_PRECONDITION');
    expect(host.formatted).toEqual([device]);
  });
});

describe('a raw volume', () => {
  test('is zeroed before the first pod has it, and never after', async () => {
    const cluster = await withVolume('vol', 'node1');
    const host = cluster.world.host('node1');
    expect(host.dataOf(device)).toBe('precious');
    const volumes = nodeVolumes(cluster, 'node1');
    const publication = { volume: 'vol', stagingPath: staging, target, wanted: asBlock, readOnly: false };
    await volumes.stage('vol', staging, asBlock, never);
    await volumes.publish(publication, never);
    expect(host.dataOf(device)).toBeUndefined();
    host.write(device, 'of the pod');
    await volumes.unpublish('vol', target, never);
    await volumes.unstage('vol', staging, never);
    await volumes.publish(publication, never);
    expect(host.dataOf(device)).toBe('of the pod');
    expect(await tagsOn(cluster, 'node1')).toMatchObject({ formatted: 'block' });
    expect(await codeOf(volumes.stage('vol', staging, asFileSystem(), never))).toBe('FAILED_PRECONDITION');
  });
});

describe('a volume that moves', () => {
  test('is used on its new node by way of DRBD at once, and plain after the next pod', async () => {
    const cluster = await untouched('node1', 'node2');
    const [source, there] = [nodeVolumes(cluster, 'node1'), nodeVolumes(cluster, 'node2')];
    await source.stage('vol', staging, asFileSystem(), never);
    cluster.world.host('node1').write(device, 'of the first pod');
    await source.unstage('vol', staging, never);
    await orderMove(cluster.kubectl, 'vol', 'node1');
    const staged = there.stage('vol', staging, asFileSystem(), never);
    // It stays on its DRBD device for as long as it is used, and that is looked at again and again.
    await cluster.run({ forMs: 120_000, settles: false });
    await staged;
    expect(await recordOf(cluster)).toMatchObject({ node: 'node2', inSync: [{ node: 'node2' }] });
    const [mount = ''] = await mountsOn(cluster, 'node2');
    expect(mount).toMatch(/ 147:\d+$/);
    const [resource] = await cluster.world.host('node2').tools.drbd.resources(never);
    expect(cluster.world.host('node2').dataOf(`/dev/drbd${resource?.minor}`)).toBe('of the first pod');
    expect(await tagsOn(cluster, 'node1')).toEqual({});

    await there.unstage('vol', staging, never);
    expect((await recordOf(cluster))?.node).toBeUndefined();
    await cluster.run({ forMs: 120_000 });
    expect(leftovers(cluster, 'vol')).toEqual([]);
    await there.stage('vol', staging, asFileSystem(), never);
    expect(await mountsOn(cluster, 'node2')).toEqual([expect.stringMatching(/ 253:\d+$/)]);
    expect(cluster.world.host('node2').dataOf(device)).toBe('of the first pod');
    for (const node of ['node1', 'node2'])
      expect(cluster.world.host(node).formatted).toEqual(node === 'node1' ? [device] : []);
  });

  test('is waited for in the call until its pair can be used, and what it waited for stands in the refusal', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    cluster.world.cut('node1', 'node2');
    await orderMove(cluster.kubectl, 'vol', 'node1');
    const refused = nodeVolumes(cluster, 'node2').stage('vol', staging, asFileSystem(), never);
    const outcome = expect(refused).rejects.toMatchObject({ code: 'ABORTED', message: /needs some and there is none/ });
    await cluster.run({ forMs: 120_000, settles: false });
    await outcome;
    expect(await mountsOn(cluster, 'node2')).toEqual([]);

    const staged = nodeVolumes(cluster, 'node2').stage('vol', staging, asFileSystem(), never);
    await cluster.run({ forMs: 20_000, settles: false });
    cluster.world.heal('node1', 'node2');
    await cluster.run({ forMs: 60_000, settles: false });
    await staged;
    expect(await mountsOn(cluster, 'node2')).toEqual([expect.stringMatching(/ 147:/)]);
  });
});

test('what kubelet left staged is taken down once no pod here names the claim', async () => {
  const cluster = await untouched('node1');
  await cluster.kubectl.patch(LocalVolume, 'vol', { spec: { pvcNamespace: 'shop', pvcName: 'data-db-0' } });
  const kubelets = `/var/lib/kubelet/plugins/kubernetes.io/csi/lvm.hwameistor.io/${sha256('vol')}/globalmount`;
  await nodeVolumes(cluster, 'node1').stage('vol', kubelets, asFileSystem(), never);
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }];
  const pod = { metadata: { name: 'db-0', namespace: 'shop' }, spec: { nodeName: 'node1', volumes } };
  await cluster.kubectl.create(builtin.Pod, pod);

  const keep = async (): Promise<void> => {
    const stop = new AbortController();
    const kept = keepRecords({ ...contextOn(cluster, 'node1'), until: stop.signal }, nodeVolumes(cluster, 'node1'));
    await cluster.run({ forMs: 30_000 });
    stop.abort();
    await kept;
  };
  await keep();
  expect(await mountsOn(cluster, 'node1')).toHaveLength(1);
  await cluster.kubectl.delete(builtin.Pod, 'db-0', { namespace: 'shop' });
  await keep();
  expect(await mountsOn(cluster, 'node1')).toEqual([]);
  expect((await recordOf(cluster))?.node).toBeUndefined();
});
