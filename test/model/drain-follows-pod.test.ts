import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { mib } from '../../src/api/units.ts';
import { copies, cordon, leftovers, orderVolume, pool, pooled, uncordon } from './builders.ts';
import type { ModelCluster, RunOptions } from './cluster.ts';
import { besideThePoint } from './crash.ts';
import { volumeLabels } from './node-labels.ts';
import { bindClaim, createPod, evict, kubernetes, type KubernetesOptions, podOn } from './pods.ts';

const second = 1_000;
const minute = 60_000;

/** Runs with a scheduler, kubelets and a StatefulSet `web` of one pod. */
const runWith = (cluster: ModelCluster, more: RunOptions & KubernetesOptions = {}) =>
  cluster.run({
    ...more,
    beside: kubernetes({ statefulSets: { web: ['data-web'] }, ...more }),
  });

/** A pod `web` with data on node1, on a cluster of these nodes. */
async function withPod(...nodes: string[]): Promise<ModelCluster> {
  const cluster = await pooled(...nodes);
  await orderVolume(cluster.kubectl, 'vol', 'node1');
  await cluster.run();
  cluster.world.host('node1').write(`/dev/${pool}/vol`, 'precious');
  await bindClaim(cluster, 'data-web', 'vol');
  await createPod(cluster.kubectl, 'web', { claims: ['data-web'], owner: 'web' });
  await runWith(cluster);
  expect(await podOn(cluster, 'web')).toBe('node1');
  return cluster;
}

const drained = async (cluster: ModelCluster, node = 'node1') =>
  (await cluster.objects(LocalStorageNode)).get(node)?.status;
const entryOf = async (cluster: ModelCluster, volume = 'vol') =>
  (await drained(cluster))?.plan?.find((entry) => entry.volume === volume);
const moves = async (cluster: ModelCluster) => [...(await cluster.objects(LocalVolumeMigrate)).values()];

/** Fills the pool of a node up to so many bytes. */
async function fill(cluster: ModelCluster, node: string, leaveBytes: number): Promise<void> {
  const free = (await drained(cluster, node))?.pools?.[pool]?.freeCapacityBytes ?? 0;
  await cluster.kubectl.create(LocalVolume, {
    metadata: { name: `filler-${node}` },
    spec: {
      requiredCapacityBytes: free - leaveBytes,
      poolName: pool,
      replicaNumber: 1,
      convertible: false,
      delete: false,
      accessibility: { nodes: [node], zones: ['default'], regions: ['default'] },
    },
  });
  await cluster.run();
}

test('the volume goes where the scheduler puts its pod, not where most room is', async () => {
  const cluster = await withPod('node1', 'node2', 'node3');
  // By room alone it would be node2.
  await fill(cluster, 'node3', mib(400));
  await evict(cluster, 'node1', 'web');
  await runWith(cluster, { forMs: 5 * minute, settles: false, fitsPod: (_pod, node) => node === 'node3' });
  expect(await podOn(cluster, 'web')).toBe('node3');
  expect(copies(cluster, 'vol')).toEqual({ node3: 'precious' });
  expect(await drained(cluster)).toMatchObject({
    state: 'Migrated',
    plan: [{ volume: 'vol', from: 'node1', to: 'node3', state: 'Moved' }],
  });
  expect(await volumeLabels(cluster, 'vol')).toEqual({ node3: 'replica' });
});

test('while the pod waits, the label stands on every node with room, with the room kept there, and on the source', async () => {
  const cluster = await withPod('node1', 'node2', 'node3');
  await fill(cluster, 'node3', mib(8));
  await evict(cluster, 'node1', 'web');
  await runWith(cluster, { forMs: minute, fitsPod: () => false });
  expect(await volumeLabels(cluster, 'vol')).toEqual({ node1: 'replica', node2: 'replica' });
  expect(await moves(cluster)).toEqual([]);
  expect(await entryOf(cluster)).toMatchObject({ state: 'Waiting' });
  expect((await entryOf(cluster))?.blocker).toMatch(
    /^PodPending: Pod default\/web waits for the scheduler; .* node2\./,
  );
});

test('a pod that was placed while no controller ran is followed all the same', async () => {
  const cluster = await withPod('node1', 'node2');
  await evict(cluster, 'node1', 'web');
  await runWith(cluster, { forMs: minute, fitsPod: () => false });
  await cluster.kubectl.patch(builtin.Pod, 'web', { spec: { nodeName: 'node2' } }, { namespace: 'default' });
  await runWith(cluster, { forMs: minute, settles: false });
  expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
  expect(await volumeLabels(cluster, 'vol')).toEqual({ node2: 'replica' });
});

test('a pod that fits nowhere pins its volume and is told why of each node; uncordon brings all back', async () => {
  const cluster = await withPod('node1', 'node2', 'node3');
  await fill(cluster, 'node2', mib(8));
  await cordon(cluster.kubectl, 'node3');
  await evict(cluster, 'node1', 'web');
  await runWith(cluster, { forMs: 5 * minute });
  expect(await podOn(cluster, 'web')).toBeUndefined();
  expect((await drained(cluster))?.state).toBe('Evicting');
  expect(await volumeLabels(cluster, 'vol')).toEqual({ node1: 'replica' });
  expect(await entryOf(cluster)).toMatchObject({ state: 'Blocked' });
  expect((await entryOf(cluster))?.blocker).toMatch(/^PodUnschedulable: .*node2 has \d+ bytes free.*node3 is M/);
  const told = [...(await cluster.objects(builtin.Event)).values()].filter(
    ({ regarding }) => regarding?.kind === 'Pod' && regarding.name === 'web',
  );
  expect([...new Set(told.map(({ type, reason }) => `${type} ${reason}`))]).toEqual(['Warning PodUnschedulable']);
  expect(told[0]?.note).toMatch(/node2 has .*node3 is /);
  expect(await moves(cluster)).toEqual([]);

  await uncordon(cluster.kubectl, 'node1');
  await runWith(cluster, { forMs: minute });
  expect(await podOn(cluster, 'web')).toBe('node1');
  expect(await drained(cluster)).toMatchObject({ state: 'Ready', plan: [] });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  expect(leftovers(cluster, 'vol', 'filler-node2')).toEqual([]);
});

test('all volumes of a pod go together: a node without room for all of them is none to choose', async () => {
  const cluster = await pooled('node1', 'node2', 'node3');
  for (const volume of ['one', 'two']) {
    await orderVolume(cluster.kubectl, volume, 'node1');
    await bindClaim(cluster, `data-${volume}`, volume);
  }
  await cluster.run();
  const statefulSets = { web: ['data-one', 'data-two'] };
  await createPod(cluster.kubectl, 'web', { claims: statefulSets.web, owner: 'web' });
  await runWith(cluster, { statefulSets });
  // Room for either, not for both.
  await fill(cluster, 'node3', mib(160));
  await evict(cluster, 'node1', 'web');
  await runWith(cluster, { forMs: minute, statefulSets, fitsPod: () => false });
  expect(await volumeLabels(cluster, 'one')).toEqual({ node1: 'replica', node2: 'replica' });
  expect(await volumeLabels(cluster, 'two')).toEqual({ node1: 'replica', node2: 'replica' });
  await runWith(cluster, { forMs: 2 * minute, statefulSets, settles: false });
  expect(await podOn(cluster, 'web')).toBe('node2');
  for (const volume of ['one', 'two']) expect(Object.keys(copies(cluster, volume))).toEqual(['node2']);
});

test('a pod whose other volume stays can only go where that is', async () => {
  const cluster = await pooled('node1', 'node2', 'node3');
  await orderVolume(cluster.kubectl, 'one', 'node1');
  await orderVolume(cluster.kubectl, 'two', 'node2');
  await cluster.run();
  for (const volume of ['one', 'two']) await bindClaim(cluster, `data-${volume}`, volume);
  await cordon(cluster.kubectl, 'node1');
  await createPod(cluster.kubectl, 'web', { claims: ['data-one', 'data-two'] });
  await runWith(cluster, { forMs: 5 * minute, settles: false });
  expect(await podOn(cluster, 'web')).toBe('node2');
  expect(Object.keys(copies(cluster, 'one'))).toEqual(['node2']);
});

describe('room that is kept for a pod', () => {
  const order = (cluster: ModelCluster, name: string) =>
    cluster.kubectl.create(LocalVolume, {
      metadata: { name },
      spec: {
        requiredCapacityBytes: mib(100),
        poolName: pool,
        replicaNumber: 1,
        convertible: false,
        delete: false,
        accessibility: { nodes: ['node2'], zones: ['default'], regions: ['default'] },
      },
    });
  const waiting = async (): Promise<ModelCluster> => {
    const cluster = await withPod('node1', 'node2');
    await fill(cluster, 'node2', mib(150));
    await evict(cluster, 'node1', 'web');
    return cluster;
  };

  test('is not given to a new volume', async () => {
    const cluster = await waiting();
    await runWith(cluster, { forMs: 20 * second, fitsPod: () => false, settles: false });
    await order(cluster, 'other');
    await runWith(cluster, { forMs: 20 * second, fitsPod: () => false, settles: false });
    expect((await cluster.objects(LocalVolume)).get('other')?.spec.config).toBeUndefined();
    expect(await volumeLabels(cluster, 'vol')).toEqual({ node1: 'replica', node2: 'replica' });
  });

  test('is given to one after a minute in which the pod was not placed, and its label goes', async () => {
    const cluster = await waiting();
    await runWith(cluster, { forMs: 20 * second, fitsPod: () => false, settles: false });
    await order(cluster, 'other');
    await runWith(cluster, { forMs: 3 * minute, fitsPod: () => false });
    expect(Object.keys(copies(cluster, 'other'))).toEqual(['node2']);
    expect(await volumeLabels(cluster, 'vol')).toEqual({ node1: 'replica' });
    expect((await entryOf(cluster))?.blocker).toMatch(/^PodUnschedulable: .*node2 has \d+ bytes free/);
  });
});

describe('a volume without a pod', () => {
  test('moves by capacity a minute after its last pod ended', async () => {
    const cluster = await withPod('node1', 'node2', 'node3');
    await fill(cluster, 'node3', mib(400));
    await evict(cluster, 'node1', 'web');
    // Scaled to zero.
    await runWith(cluster, { forMs: 30 * second, statefulSets: {}, settles: false });
    expect(await moves(cluster)).toEqual([]);
    expect((await entryOf(cluster))?.blocker).toMatch(/^PodAwaited: /);
    await runWith(cluster, { forMs: 3 * minute, statefulSets: {} });
    expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
    expect((await drained(cluster))?.state).toBe('Migrated');
  });

  test('that no claim is bound to moves at once', async () => {
    const cluster = await pooled('node1', 'node2');
    await orderVolume(cluster.kubectl, 'vol', 'node1');
    await cluster.run();
    await cluster.kubectl.patch(builtin.Node, 'node1', { metadata: { labels: { 'hwameistor.io/eviction': 'start' } } });
    await cluster.run();
    expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node2']);
  });
});

test('a pod that a person leaves on a node that is to be drained keeps its volume, and the plan says so', async () => {
  const cluster = await withPod('node1', 'node2');
  await cluster.kubectl.patch(builtin.Node, 'node1', { metadata: { labels: { 'hwameistor.io/eviction': 'start' } } });
  await runWith(cluster, { forMs: 5 * minute });
  expect((await drained(cluster))?.state).toBe('Evicting');
  expect((await entryOf(cluster))?.blocker).toMatch(/^InUse: Pod default\/web /);
  expect(await moves(cluster)).toEqual([]);
  expect(await volumeLabels(cluster, 'vol')).toEqual({ node1: 'replica' });
});

test('a node that may take pods and is to be drained is none that the pod comes back to', async () => {
  const cluster = await withPod('node1', 'node2');
  await cluster.kubectl.patch(builtin.Node, 'node1', { metadata: { labels: { 'hwameistor.io/eviction': 'start' } } });
  await runWith(cluster);
  await cluster.kubectl.delete(builtin.Pod, 'web', { namespace: 'default' });
  await runWith(cluster, { forMs: 5 * minute, settles: false });
  expect(await podOn(cluster, 'web')).toBe('node2');
  expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
});

describe('an uncordon in the middle', () => {
  const inTheMiddle = async (more: KubernetesOptions = {}): Promise<ModelCluster> => {
    const cluster = await withPod('node1', 'node2');
    await evict(cluster, 'node1', 'web');
    cluster.world.cut('node1', 'node2');
    await runWith(cluster, { ...more, forMs: 2 * minute, settles: false });
    expect(await podOn(cluster, 'web')).toBe('node2');
    return cluster;
  };

  test('brings a pod that was placed and does not run yet back to its volume', async () => {
    const cluster = await inTheMiddle({ stages: (node) => node !== 'node2' });
    expect((await moves(cluster)).map(({ status }) => status?.state)).toEqual(['Paired']);
    await uncordon(cluster.kubectl, 'node1');
    await runWith(cluster, { forMs: 5 * minute, stages: (node) => node !== 'node2' });
    expect(await podOn(cluster, 'web')).toBe('node1');
    expect((await cluster.kubectl.get(builtin.Pod, 'web', { namespace: 'default' }))?.status?.phase).toBe('Running');
    expect(await volumeLabels(cluster, 'vol')).toEqual({ node1: 'replica' });
    expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
    expect(leftovers(cluster, 'vol')).toEqual([]);
    expect(await drained(cluster)).toMatchObject({ state: 'Ready', plan: [] });
  });

  test('no longer stops a move on whose target the pod runs', async () => {
    const cluster = await inTheMiddle();
    expect((await cluster.kubectl.get(builtin.Pod, 'web', { namespace: 'default' }))?.status?.phase).toBe('Running');
    await uncordon(cluster.kubectl, 'node1');
    await runWith(cluster, { forMs: minute, settles: false });
    expect((await moves(cluster))[0]?.spec.abort).toBe(false);
    cluster.world.heal('node1', 'node2');
    await runWith(cluster, { forMs: 2 * minute, settles: false });
    expect(copies(cluster, 'vol')).toEqual({ node2: 'precious' });
    expect(await volumeLabels(cluster, 'vol')).toEqual({ node2: 'replica' });
    expect((await drained(cluster))?.state).toBe('Ready');
  });
});

test(
  'a controller that dies at any write and comes back knowing nothing takes the volume where the pod is',
  { timeout: 300_000 },
  async () => {
    const strikes = async (atWrite: number) => {
      const cluster = await withPod('node1', 'node2', 'node3');
      await evict(cluster, 'node1', 'web');
      const death = new AbortController();
      let writes = 0;
      await runWith(cluster, {
        forMs: 5 * minute,
        settles: false,
        intercept: async (write, act) => {
          const answer = await act();
          if (!besideThePoint.has(write.resource) && writes++ === atWrite) death.abort();
          return answer;
        },
        strike: { process: 'controller', death: death.signal, awayMs: 10 * second },
      });
      return { cluster, writes };
    };
    const { writes } = await strikes(Infinity);
    expect(writes).toBeGreaterThan(30);
    for (let atWrite = 0; atWrite < writes; atWrite += 6) {
      const { cluster } = await strikes(atWrite);
      const node = await podOn(cluster, 'web');
      const pod = await cluster.kubectl.get(builtin.Pod, 'web', { namespace: 'default' });
      expect(pod?.status?.phase, `died at write ${atWrite}`).toBe('Running');
      expect(['node2', 'node3'], `died at write ${atWrite}`).toContain(node);
      expect(copies(cluster, 'vol'), `died at write ${atWrite}`).toEqual({ [node ?? '']: 'precious' });
      expect(await volumeLabels(cluster, 'vol'), `died at write ${atWrite}`).toEqual({ [node ?? '']: 'replica' });
      expect((await drained(cluster))?.state, `died at write ${atWrite}`).toBe('Migrated');
    }
  },
);
