import { builtin, findCondition } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { orderDeletion, pool, pooled, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { diskAt } from './evacuation.ts';

const { signal } = new AbortController();
/** Each look at the node that nothing asks for comes after this. */
const lookMs = 60_000;

const nodeOf = async (cluster: ModelCluster) => (await cluster.objects(LocalStorageNode)).get('node1')?.status;
const poolOf = async (cluster: ModelCluster) => (await nodeOf(cluster))?.pools?.[pool];
const claimOf = async (cluster: ModelCluster, name: string) =>
  (await cluster.objects(LocalDiskClaim)).get(name)?.status;
const groupsOf = (cluster: ModelCluster) => cluster.world.host('node1').tools.lvm.volumeGroups(signal);
const usableOf = async (cluster: ModelCluster) =>
  findCondition((await diskAt(cluster, '/dev/sdb')).status?.conditions, 'Usable');

const claim = (cluster: ModelCluster, name: string, spec: object) =>
  cluster.kubectl.create(LocalDiskClaim, { metadata: { name }, spec: { nodeName: 'node1', ...spec } });

/** The host boots with the group inactive, and somebody types `wipefs -a` on the one disk of the pool. */
async function withLostPool(): Promise<ModelCluster> {
  const cluster = await withVolume('vol', 'node1');
  // No claim has the disk any more.
  await cluster.kubectl.delete(LocalDiskClaim, 'node1');
  await cluster.run();
  const host = cluster.world.host('node1');
  host.powerOff();
  host.boot({ activates: false });
  host.wipeDisk('sdb');
  await cluster.run({ forMs: lookMs });
  return cluster;
}

test('a pool whose label is wiped while its volumes are wanted is told with the way back, and nothing takes its disk', async () => {
  const cluster = await withVolume('vol', 'node1');
  const { vgUUID } = (await poolOf(cluster)) ?? {};
  const { pvUUID } = (await diskAt(cluster, '/dev/sdb')).spec;
  const lost = await withLostPool();
  await claim(lost, 'by-kind', { description: { diskType: 'HDD' } });
  await claim(lost, 'wiping', { description: { devicePaths: ['/dev/sdb'] }, wipe: true });
  await lost.run({ forMs: 3 * lookMs, settles: false });

  expect(await poolOf(lost)).toMatchObject({
    state: 'Missing',
    reason: 'GroupGone',
    vgUUID,
    volumes: ['vol'],
    hurtVolumes: ['vol'],
    volumeCapacityBytesLimit: 0,
    disks: [{ state: 'Offline', uuid: pvUUID }],
  });
  const told = findCondition((await nodeOf(lost))?.conditions, 'PoolsHealthy');
  expect(told).toMatchObject({ status: 'False', reason: 'GroupGone' });
  for (const words of [
    `pvcreate --uuid ${pvUUID} --restorefile /etc/lvm/backup/${pool} DEVICE`,
    `vgcfgrestore ${pool}`,
    'Hurt: vol',
    '"delete":true',
  ])
    expect(told?.message).toContain(words);
  const events = [...(await lost.objects(builtin.Event)).values()].filter(({ reason }) => reason === 'GroupGone');
  expect(events).toHaveLength(1);

  expect((await diskAt(lost, '/dev/sdb')).spec.pvUUID).toBe(pvUUID);
  expect(await usableOf(lost)).toMatchObject({ status: 'False', reason: 'PoolLost' });
  for (const name of ['by-kind', 'wiping'])
    expect(await claimOf(lost, name)).toMatchObject({
      status: 'Pending',
      message: expect.stringContaining('Restore it, or release the volumes'),
    });
  expect(await groupsOf(lost)).toEqual([]);
});

test('a pool that was lost is not made anew of another disk, and its disk stays kept when its LocalDisk is deleted', async () => {
  const cluster = await withLostPool();
  cluster.world.host('node1').addDisk(disk('sdc', gib(10)));
  await cluster.kubectl.delete(LocalDisk, (await diskAt(cluster, '/dev/sdb')).metadata.name);
  await claim(cluster, 'more', { description: { diskType: 'HDD' } });
  await cluster.run({ forMs: 3 * lookMs, settles: false });
  expect(await poolOf(cluster)).toMatchObject({ state: 'Missing', reason: 'GroupGone', volumes: ['vol'] });
  expect(await usableOf(cluster)).toMatchObject({ reason: 'PoolLost' });
  expect(await groupsOf(cluster)).toEqual([]);
});

test('a pool that was lost goes when its volumes are ordered to be deleted, and its disk is free again', async () => {
  const cluster = await withLostPool();
  await orderDeletion(cluster.kubectl, 'vol');
  await cluster.run({ forMs: 2 * lookMs, settles: false });
  expect(await poolOf(cluster)).toBeUndefined();
  expect((await diskAt(cluster, '/dev/sdb')).spec.pvUUID).toBeUndefined();
  await claim(cluster, 'again', { description: { diskType: 'HDD' } });
  await cluster.run({ forMs: lookMs, settles: false });
  expect(await claimOf(cluster, 'again')).toMatchObject({ status: 'Consumed' });
});

test('a pool of which nothing is wanted goes with its group, as somebody removed it by hand', async () => {
  const cluster = await pooled('node1');
  cluster.world.host('node1').wipeDisk('sdb');
  await cluster.run({ forMs: lookMs });
  expect(await poolOf(cluster)).toBeUndefined();
  expect((await diskAt(cluster, '/dev/sdb')).spec.pvUUID).toBeUndefined();
});
