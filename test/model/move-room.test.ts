import { builtin, findCondition } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, copies, cordon, leftovers, orderMove, pool, pooled, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const { signal } = new AbortController();
const second = 1_000;
const minute = 60 * second;

const moveOf = async (cluster: ModelCluster, name: string) =>
  (await cluster.objects(LocalVolumeMigrate)).get(name)?.status;
const planOf = async (cluster: ModelCluster) =>
  (await cluster.objects(LocalStorageNode)).get('node1')?.status?.plan?.[0];

/** One more node with a pool of that size. */
async function addNode(cluster: ModelCluster, name: string, size = gib(10), more: { drbdVersion?: false } = {}) {
  const addresses = [{ type: 'InternalIP' as const, address: '10.0.0.9' }];
  await cluster.kubectl.create(builtin.Node, { metadata: { name }, spec: {}, status: { addresses } });
  cluster.world.addHost(name, { disks: [disk('sdb', size)], ...more });
  await claimDisks(cluster.kubectl, name);
  await cluster.run();
}

test('a drain of a full pool says that the move needs room there too, and goes on when there is some', async () => {
  const cluster = await pooled('node1');
  const nodes = await cluster.objects(LocalStorageNode);
  await cluster.kubectl.create(LocalVolume, {
    metadata: { name: 'vol' },
    spec: {
      requiredCapacityBytes: nodes.get('node1')?.status?.pools?.[pool]?.freeCapacityBytes ?? 0,
      poolName: pool,
      replicaNumber: 1,
      convertible: false,
      delete: false,
    },
  });
  await cluster.run();
  cluster.world.host('node1').write(`/dev/${pool}/vol`, 'precious');
  await addNode(cluster, 'node2', gib(30));
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 20 * minute });
  expect(await planOf(cluster)).toMatchObject({ volume: 'vol', state: 'Blocked' });
  expect((await planOf(cluster))?.blocker).toMatch(/^NoSpace: node1 has 0 bytes free/);
  expect(leftovers(cluster, 'vol')).toEqual([]);

  cluster.world.host('node1').addDisk(disk('sdc', gib(1)));
  const description = { diskType: 'HDD' as const };
  const spec = { nodeName: 'node1', owner: 'local-storage' as const, description };
  await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'more' }, spec });
  await cluster.run({ forMs: 2 * minute });
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test('a target has room for the metadata of a large volume as well as for its data', async () => {
  const cluster = await pooled('node1');
  await addNode(cluster, 'large', gib(1_100));
  const order = { poolName: pool, replicaNumber: 1, convertible: false, delete: false } as const;
  const spec = { ...order, requiredCapacityBytes: gib(1_024) };
  await cluster.kubectl.create(LocalVolume, { metadata: { name: 'vol' }, spec });
  await cluster.run();
  // Room for the data and 32 MiB: less than the metadata take.
  await addNode(cluster, 'tight', gib(1_024) + 36 * 1024 ** 2);
  await orderMove(cluster.kubectl, 'vol', 'large');
  await cluster.run({ forMs: minute });
  expect(await moveOf(cluster, 'move-vol')).toMatchObject({ state: 'Submitted', reason: 'TargetRefused' });
});

test.each([
  { name: 'from', missing: 'node1' },
  { name: 'to', missing: 'node2' },
])('no volume moves $name a node without DRBD, and the move says so', async ({ missing }) => {
  const cluster = await pooled();
  const drbd = (node: string) => (node === missing ? ({ drbdVersion: false } as const) : {});
  await addNode(cluster, 'node1', gib(10), drbd('node1'));
  await cluster.kubectl.create(LocalVolume, {
    metadata: { name: 'vol' },
    spec: { requiredCapacityBytes: gib(1), poolName: pool, replicaNumber: 1, convertible: false, delete: false },
  });
  await cluster.run();
  await addNode(cluster, 'node2', gib(10), drbd('node2'));
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run({ forMs: minute });
  expect((await moveOf(cluster, 'move-vol'))?.state).toBe('Submitted');
  expect((await moveOf(cluster, 'move-vol'))?.message).toContain(`${missing} has no DRBD`);
});

test('a move takes neither a minor nor a port that something else has on one of its nodes', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.host('node2').addForeignResourceFile('theirs', { name: 'theirs', minor: 1_000, port: 7_900 });
  cluster.world.host('node1').addForeignResourceFile('others', { name: 'others', minor: 7, port: 43_002 });
  await cluster.run({ forMs: minute });
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run();
  expect(await moveOf(cluster, 'move-vol')).toMatchObject({ state: 'Completed', resourceID: 2 });
});

test('a seeding that can’t get on is told in the plan while it lasts, and taken back with its reason', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const { lvm } = cluster.world.host('node1').tools;
  let isFull = false;
  const intercept: Interceptor = async (_write, act) => {
    const answer = await act();
    const [volumeGroup] = await lvm.volumeGroups(signal);
    if (isFull || volumeGroup === undefined || (await moveOf(cluster, 'evictor-vol'))?.state !== 'Seeding')
      return answer;
    isFull = true;
    await lvm.createLogicalVolume({ volumeGroup, name: 'filler', sizeBytes: volumeGroup.freeBytes, tags: [] }, signal);
    return answer;
  };
  await cordon(cluster.kubectl, 'node1');
  await cluster.run({ intercept, forMs: 3 * minute, settles: false });
  expect(await moveOf(cluster, 'evictor-vol')).toMatchObject({ state: 'Seeding', reason: 'NoSpace' });
  expect(await planOf(cluster)).toMatchObject({ state: 'Moving' });
  expect((await planOf(cluster))?.blocker).toMatch(/^NoSpace: node1: /);

  await cluster.run({ forMs: 30 * minute });
  const status = await moveOf(cluster, 'evictor-vol');
  expect(status).toMatchObject({ state: 'Submitted', reason: 'NoSpace' });
  expect(findCondition(status?.conditions, 'Stalled')?.status).not.toBe('True');
  expect((await planOf(cluster))?.blocker).toMatch(/^NoSpace: node1 has 0 bytes free/);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });
  expect(leftovers(cluster, 'vol', 'filler')).toEqual([]);
});
