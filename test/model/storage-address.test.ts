import { builtin } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, cordon, orderMove, uncordon, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;

const moveOf = async (cluster: ModelCluster, name: string) =>
  (await cluster.objects(LocalVolumeMigrate)).get(name)?.status;

/** A node that Kubernetes knows no address of. */
async function addNodeWithoutAddress(cluster: ModelCluster, name: string): Promise<void> {
  const addresses = [{ type: 'Hostname' as const, address: name }];
  await cluster.kubectl.create(builtin.Node, { metadata: { name }, spec: {}, status: { addresses } });
  cluster.world.addHost(name, { disks: [disk('sdb', gib(10))] });
  await claimDisks(cluster.kubectl, name);
}

test('a move can be taken back when the address of its target is gone', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.cut('node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run({ forMs: minute, settles: false });
  expect((await moveOf(cluster, 'move-vol'))?.state).toBe('Paired');

  cluster.world.host('node2').powerOff();
  await cluster.kubectl.delete(LocalStorageNode, 'node2');
  await cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } });
  await cluster.run({ forMs: minute });
  expect((await moveOf(cluster, 'move-vol'))?.state).toBe('Aborted');
  cluster.world.host('node2').boot();
  await cluster.run({ forMs: minute });
  expect(await wherever(cluster)).toEqual(wholeOn('node1'));
});

test('a storage address that was known stays known when the Node tells none', async () => {
  const cluster = await withVolume('vol', 'node1');
  const node = await cluster.kubectl.get(builtin.Node, 'node1');
  await cluster.kubectl.updateStatus(builtin.Node, {
    ...node,
    metadata: { ...node?.metadata, name: 'node1' },
    status: {},
  });
  await cluster.run({ forMs: minute });
  expect((await cluster.objects(LocalStorageNode)).get('node1')?.spec.storageIP).toBe('10.0.0.1');
});

test('no volume goes to a node without a storage address, and the move says why', async () => {
  const cluster = await withVolume('vol', 'node1');
  await addNodeWithoutAddress(cluster, 'node2');
  await cluster.run();
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run({ forMs: minute });
  const status = await moveOf(cluster, 'move-vol');
  expect(status?.state).toBe('Submitted');
  expect(status?.message).toContain('node2 has no storage address');

  const metadata = { annotations: { 'localstorage.hwameistor.io/storage-ipv4': '10.0.0.2' } };
  await cluster.kubectl.patch(builtin.Node, 'node2', { metadata });
  await cluster.run({ forMs: minute });
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test('to the tags of a volume each drain is another move, though all have one name', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.cut('node1', 'node2');
  const seededBy = async (): Promise<string[]> => {
    await cordon(cluster.kubectl, 'node1');
    await cluster.run({ forMs: 3 * minute, settles: false });
    expect((await moveOf(cluster, 'evictor-vol'))?.state).toBe('Paired');
    const tags = cluster.world.copiesOf('vol').find(({ host }) => host === 'node1')?.tags ?? [];
    return tags.filter((tag) => tag.startsWith('hwameistor.io/seeded='));
  };
  const first = await seededBy();
  await uncordon(cluster.kubectl, 'node1');
  await cluster.run();
  const second = await seededBy();
  expect([first.length, second.length]).toEqual([1, 1]);
  expect(second).not.toEqual(first);
  const pairs = [...(await cluster.objects(LocalVolumeReplica)).values()].map(({ spec }) => spec.pair?.moveId);
  expect(new Set(pairs).size).toBe(1);
});
