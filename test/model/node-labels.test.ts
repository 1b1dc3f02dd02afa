import { builtin, type Client } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { cordon, orderDeletion, orderMove, orderVolume, pooled, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { nodeLabels } from './node-labels.ts';

const minute = 60_000;
const scaleDown = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';

const annotation = async (cluster: ModelCluster, node: string) =>
  (await cluster.objects(builtin.Node)).get(node)?.metadata.annotations?.[scaleDown];

const annotate = (kubectl: Client, node: string, value: string | null) =>
  kubectl.patch(builtin.Node, node, { metadata: { annotations: { [scaleDown]: value } } });

/** What the agent does when a pod takes the volume, or is through with it. */
async function use(cluster: ModelCluster, volume: string, node: string | undefined): Promise<void> {
  const record = (await cluster.objects(LocalVolumeWriter)).get(volume)!;
  const { node: _node, vgUUID: _group, ...spec } = record.spec;
  const member = [...spec.inSync, ...(spec.moveTo === undefined ? [] : [spec.moveTo])].find((one) => one.node === node);
  await cluster.kubectl.update(LocalVolumeWriter, { ...record, spec: { ...spec, ...member } });
}

test('each volume has its label on the node that has its data, and on no other', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderVolume(cluster.kubectl, 'other', 'node2');
  await orderVolume(cluster.kubectl, 'third', 'node1');
  await cluster.run();
  expect(await nodeLabels(cluster)).toEqual({
    node1: { vol: 'replica', third: 'replica' },
    node2: { other: 'replica' },
  });
});

test('the label of a volume that is deleted goes, and the others stay', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderVolume(cluster.kubectl, 'other', 'node1');
  await cluster.run();
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run();
  expect((await nodeLabels(cluster)).node1).toEqual({ other: 'replica' });
  await orderDeletion(cluster.kubectl, 'other');
  await cluster.run();
  expect((await nodeLabels(cluster)).node1).toEqual({});
});

test('a volume that went while no controller ran leaves no label', async () => {
  const cluster = await withVolume('vol', 'node1');
  await cluster.kubectl.patch(builtin.Node, 'node1', {
    metadata: { labels: { 'volume.hwameistor.io/gone': 'replica', 'example.io/kept': 'yes' } },
  });
  await cluster.run();
  expect((await cluster.objects(builtin.Node)).get('node1')?.metadata.labels).toEqual({
    'volume.hwameistor.io/vol': 'replica',
    'example.io/kept': 'yes',
  });
});

test('labels that somebody took off or changed stand again', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  for (const value of [null, 'standby']) {
    await cluster.kubectl.patch(builtin.Node, 'node1', { metadata: { labels: { 'volume.hwameistor.io/vol': value } } });
    await cluster.run();
    expect((await nodeLabels(cluster)).node1).toEqual({ vol: 'replica' });
  }
});

test('a Node that is made anew gets its labels again', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const { metadata: _metadata, ...rest } = (await cluster.objects(builtin.Node)).get('node1')!;
  await cluster.kubectl.delete(builtin.Node, 'node1');
  await cluster.run({ forMs: minute });
  await cluster.kubectl.create(builtin.Node, { ...rest, metadata: { name: 'node1' } });
  await cluster.run();
  expect((await nodeLabels(cluster)).node1).toEqual({ vol: 'replica' });
});

describe('a volume that moves', () => {
  test('has its label on the target alone at the end', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    await orderMove(cluster.kubectl, 'vol', 'node1');
    await cluster.run();
    expect(await nodeLabels(cluster)).toEqual({ node1: {}, node2: { vol: 'replica' } });
  });

  test('can be used on the target as soon as the pair stands, long before it is in sync', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    cluster.world.cut('node1', 'node2');
    await orderMove(cluster.kubectl, 'vol', 'node1');
    await cluster.run({ forMs: minute, settles: false });
    expect(await nodeLabels(cluster)).toEqual({ node1: { vol: 'standby' }, node2: { vol: 'replica' } });
  });

  test('can be used on the source again when the move goes back', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    cluster.world.cut('node1', 'node2');
    await orderMove(cluster.kubectl, 'vol', 'node1');
    await cluster.run({ forMs: minute, settles: false });
    await cordon(cluster.kubectl, 'node2');
    await cluster.kubectl.patch(builtin.Node, 'node2', { metadata: { labels: { 'hwameistor.io/eviction': 'start' } } });
    await cluster.run();
    expect(await nodeLabels(cluster)).toEqual({ node1: { vol: 'replica' }, node2: {} });
  });

  test('keeps its label where it is used, though the move would have it elsewhere', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    cluster.world.cut('node1', 'node2');
    await orderMove(cluster.kubectl, 'vol', 'node1');
    await cluster.run({ forMs: minute, settles: false });
    await use(cluster, 'vol', 'node1');
    await cluster.run({ forMs: minute, settles: false });
    expect(await nodeLabels(cluster)).toEqual({ node1: { vol: 'replica' }, node2: { vol: 'standby' } });
  });
});

test('a volume whose writer record vanished keeps its label: nobody knows whether it is used', async () => {
  const cluster = await withVolume('vol', 'node1');
  await cluster.kubectl.delete(LocalVolumeWriter, 'vol');
  await cluster.run();
  expect((await nodeLabels(cluster)).node1).toEqual({ vol: 'replica' });
});

test('a copy that is not ready takes no new pods', async () => {
  const cluster = await withVolume('vol', 'node1');
  cluster.world.host('node1').unplug('sdb');
  await cluster.run({ forMs: 2 * minute });
  expect([...(await cluster.objects(LocalVolumeReplica)).values()].map(({ status }) => status?.state)).toEqual([
    'NotReady',
  ]);
  expect((await nodeLabels(cluster)).node1).toEqual({});
});

describe('the annotation that keeps the autoscaler away', () => {
  test('stands on nodes with volumes and goes with the last one', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    expect(await annotation(cluster, 'node1')).toBe('true');
    expect(await annotation(cluster, 'node2')).toBeUndefined();
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run();
    expect(await annotation(cluster, 'node1')).toBeUndefined();
  });

  test('that a person set stays when the volumes are gone', async () => {
    const cluster = await pooled('node1');
    await annotate(cluster.kubectl, 'node1', 'true');
    await orderVolume(cluster.kubectl, 'vol');
    await cluster.run();
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run();
    expect(await annotation(cluster, 'node1')).toBe('true');
  });

  test('is not set against the word of a person', async () => {
    const cluster = await withVolume('vol', 'node1');
    await annotate(cluster.kubectl, 'node1', 'false');
    await cluster.run();
    expect(await annotation(cluster, 'node1')).toBe('false');
    expect((await nodeLabels(cluster)).node1).toEqual({ vol: 'replica' });
  });
});

describe('nothing is written', () => {
  const nodesWritten = async (cluster: ModelCluster): Promise<string[]> => {
    const written: string[] = [];
    await cluster.run({
      forMs: 30 * minute,
      intercept: (write, act) => {
        if (write.resource === 'nodes') written.push(write.name);
        return act();
      },
    });
    return written;
  };

  test('to a node that has what it should', async () => {
    expect(await nodesWritten(await withVolume('vol', 'node1', 'node2'))).toEqual([]);
  });

  test('twice to one with an annotation whose owner only the server knows', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    await annotate(cluster.kubectl, 'node2', 'true');
    expect(await nodesWritten(cluster)).toEqual(['node2']);
  });
});
