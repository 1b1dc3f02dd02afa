import { builtin, type Client } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, copies, cordon, leftovers, pool, uncordon, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;

const stateOf = async (cluster: ModelCluster, node: string) =>
  (await cluster.objects(LocalStorageNode)).get(node)?.status;

const putPod = (kubectl: Client, node: string, name = 'web') =>
  kubectl.create(builtin.Pod, { metadata: { name, namespace: 'default' }, spec: { nodeName: node } });

const label = (kubectl: Client, node: string, eviction: string | null) =>
  kubectl.patch(builtin.Node, node, { metadata: { labels: { 'hwameistor.io/eviction': eviction } } });

test('a cordoned node without pods is drained after its grace: its volume moves, and it is Migrated', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 2 * minute });
  const status = await stateOf(cluster, 'node1');
  expect(status).toMatchObject({ state: 'Migrated', eviction: { reason: 'NoEvictablePod' } });
  expect(status?.plan).toMatchObject([{ volume: 'vol', from: 'node1', to: 'node2', state: 'Moved' }]);
  expect(status?.pools?.[pool]?.volumes).toEqual([]);
  expect(status?.conditions?.find(({ type }) => type === 'SafeToPowerOff')?.status).toBe('True');
  expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
  expect(leftovers(cluster, 'vol')).toEqual([]);
});

test('uncordon brings a Migrated node back to Ready', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 2 * minute });
  expect((await stateOf(cluster, 'node1'))?.state).toBe('Migrated');
  await uncordon(cluster.kubectl, 'node1');
  await cluster.run();
  expect(await stateOf(cluster, 'node1')).toMatchObject({ state: 'Ready', plan: [] });
  expect((await stateOf(cluster, 'node1'))?.eviction).toBeUndefined();
});

test('a cordon alone moves nothing while a pod that could be evicted is there', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await putPod(cluster.kubectl, 'node1');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 10 * minute });
  expect((await stateOf(cluster, 'node1'))?.state).toBe('Maintain');
  expect((await cluster.objects(LocalVolumeMigrate)).size).toBe(0);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
});

test('an evicted pod makes a cordon a drain at once, and what was seen outlives the pod', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await putPod(cluster.kubectl, 'node1', 'other');
  await putPod(cluster.kubectl, 'node1');
  await cordon(cluster.kubectl, 'node1');
  const pod = await cluster.kubectl.patch(
    builtin.Pod,
    'web',
    { metadata: { finalizers: ['test/keep'] } },
    { namespace: 'default' },
  );
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' } as const;
  await cluster.kubectl.updateStatus(builtin.Pod, { ...pod, status: { conditions: [condition] } });
  await cluster.kubectl.delete(builtin.Pod, 'web', { namespace: 'default' });
  await cluster.run({ forMs: minute / 2 });
  expect(await stateOf(cluster, 'node1')).toMatchObject({ state: 'Migrated', eviction: { reason: 'Evicted' } });
});

test('a node that is opted out keeps its volumes through a drain', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await label(cluster.kubectl, 'node1', 'disable');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 10 * minute });
  const status = await stateOf(cluster, 'node1');
  expect(status?.state).toBe('Maintain');
  expect(status?.conditions?.find(({ type }) => type === 'SafeToPowerOff')).toMatchObject({
    status: 'True',
    reason: 'OptedOut',
  });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
});

test('a person may ask for a drain of a node that takes pods', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await label(cluster.kubectl, 'node1', 'start');
  await cluster.run();
  expect(await stateOf(cluster, 'node1')).toMatchObject({ state: 'Migrated', eviction: { reason: 'Requested' } });
});

test('a drain with nowhere to go says so in its plan, and goes on when there is room', async () => {
  const cluster = await withVolume('vol', 'node1');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 5 * minute });
  const status = await stateOf(cluster, 'node1');
  expect(status?.state).toBe('Evicting');
  expect(status?.plan).toMatchObject([{ volume: 'vol', state: 'Blocked' }]);
  expect(status?.plan?.[0]?.blocker).toContain('No node can take it');
});

test('uncordon in the middle of a move brings the volume back whole', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.cut('node1', 'node2');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 5 * minute, settles: false });
  expect((await cluster.objects(LocalVolumeMigrate)).get('evictor-vol')?.status?.state).toBe('Paired');
  await uncordon(cluster.kubectl, 'node1');
  await cluster.run();
  expect((await cluster.objects(LocalVolumeMigrate)).get('evictor-vol')?.status?.state).toBe('Aborted');
  expect((await stateOf(cluster, 'node1'))?.state).toBe('Ready');
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  expect(leftovers(cluster, 'vol')).toEqual([]);
  expect([...(await cluster.objects(LocalVolumeReplica)).values()].map(({ status }) => status?.state)).toEqual([
    'Ready',
  ]);
});

/** What the node lifecycle controller of Kubernetes does on a cordon. */
const taint = (kubectl: Client, node: string, timeAdded: string | null) => {
  const key = 'node.kubernetes.io/unschedulable';
  const taints = timeAdded === null ? null : [{ key, effect: 'NoSchedule', timeAdded }];
  return kubectl.patch(builtin.Node, node, { spec: { taints } });
};

describe('a drain that was stopped while no controller looked', () => {
  const drained = async (): Promise<ModelCluster> => {
    const cluster = await withVolume('vol', 'node1');
    await cordon(cluster.kubectl, 'node1');
    await taint(cluster.kubectl, 'node1', new Date(cluster.clock.now()).toISOString());
    await cluster.run({ forMs: 5 * minute });
    expect(await stateOf(cluster, 'node1')).toMatchObject({
      state: 'Evicting',
      eviction: { reason: 'NoEvictablePod' },
    });
    return cluster;
  };
  const cordonedAgain = async (cluster: ModelCluster, taintedAt: string | null): Promise<void> => {
    await putPod(cluster.kubectl, 'node1');
    await taint(cluster.kubectl, 'node1', taintedAt);
    await cordon(cluster.kubectl, 'node1');
    cluster.world.addHost('node2', { disks: [disk('sdb', gib(10))] });
    const addresses = [{ type: 'InternalIP' as const, address: '10.0.0.9' }];
    await cluster.kubectl.create(builtin.Node, { metadata: { name: 'node2' }, spec: {}, status: { addresses } });
    await claimDisks(cluster.kubectl, 'node2');
    await cluster.run({ forMs: 10 * minute });
  };

  test.each([
    {
      name: 'the taint tells another cordon',
      taintedAt: (cluster: ModelCluster) => new Date(cluster.clock.now()).toISOString(),
    },
    { name: 'a pod came since, and there is no taint', taintedAt: () => null },
  ])('is none any more when $name', async ({ taintedAt }) => {
    const cluster = await drained();
    await uncordon(cluster.kubectl, 'node1');
    await cordonedAgain(cluster, taintedAt(cluster));
    expect((await stateOf(cluster, 'node1'))?.state).toBe('Maintain');
    expect((await stateOf(cluster, 'node1'))?.eviction).toBeUndefined();
    expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
    expect((await cluster.objects(LocalVolumeReplica)).size).toBe(1);
  });
});

test('a Node object that is deleted in the middle of its drain takes nothing back', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.cut('node1', 'node2');
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 5 * minute, settles: false });
  await cluster.kubectl.delete(builtin.Node, 'node1');
  await cluster.run({ forMs: 5 * minute, settles: false });
  expect((await stateOf(cluster, 'node1'))?.state).toBe('Evicting');
  expect((await cluster.objects(LocalVolumeMigrate)).get('evictor-vol')).toMatchObject({
    spec: { abort: false },
    status: { state: 'Paired' },
  });
  cluster.world.heal('node1', 'node2');
  await cluster.run({ forMs: minute });
  expect(await stateOf(cluster, 'node1')).toMatchObject({ state: 'Migrated', eviction: { reason: 'NoEvictablePod' } });
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test('an agent that stops renewing its lease leaves its node Offline, and one that is back brings it back', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.host('node1').powerOff();
  await cluster.run({ forMs: 2 * minute });
  expect((await stateOf(cluster, 'node1'))?.state).toBe('Offline');
  cluster.world.host('node1').boot();
  await cluster.run({ forMs: minute });
  expect((await stateOf(cluster, 'node1'))?.state).toBe('Ready');
  expect((await cluster.objects(LocalVolumeReplica)).size).toBe(1);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
});
