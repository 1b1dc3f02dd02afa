import { builtin } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, pool, withVolume } from './builders.ts';
import { ModelCluster } from './cluster.ts';

/** Longer than between two questions to a disk. */
const askedAnew = { forMs: 700_000, settles: false };

const diskOf = async (cluster: ModelCluster, path = '/dev/sdb') => {
  const found = [...(await cluster.objects(LocalDisk)).values()].find(({ spec }) => spec.devicePath === path);
  const condition = (type: string) => found?.status?.conditions?.find((one) => one.type === type);
  return { spec: found?.spec, name: found?.metadata.name, healthy: condition('Healthy'), usable: condition('Usable') };
};
const nodeSays = async (cluster: ModelCluster) =>
  (await cluster.objects(LocalStorageNode))
    .get('node1')
    ?.status?.conditions?.find(({ type }) => type === 'DisksHealthy');
const told = async (cluster: ModelCluster): Promise<string[]> =>
  [...(await cluster.objects(builtin.Event)).values()]
    .filter(({ regarding }) => regarding?.kind === 'LocalDisk')
    .map(({ type, reason }) => `${type} ${reason}`)
    .toSorted();

test('a disk that says that it is failing is not taken, and is once it is replaced by a sound one', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10), { health: 'Failed' })] });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run({ forMs: 60_000, settles: false });
  expect(await diskOf(cluster)).toMatchObject({
    spec: { supportSmart: true, smartInfo: { overallHealth: 'Failed' } },
    healthy: { status: 'False', reason: 'Failing', message: expect.stringContaining('Replace it') },
    usable: { status: 'False', reason: 'Failing' },
  });
  expect(await nodeSays(cluster)).toMatchObject({ status: 'False', message: expect.stringContaining('/dev/sdb') });
  const claim = (await cluster.objects(LocalDiskClaim)).get('node1');
  expect(claim?.status).toMatchObject({ status: 'Pending', message: expect.stringContaining('failing') });
  expect(await told(cluster)).toEqual(['Warning DiskFailing']);

  cluster.world.host('node1').changeDisk('sdb', { health: 'Passed', serial: 'new' });
  await cluster.run(askedAnew);
  expect((await cluster.objects(LocalDiskClaim)).get('node1')?.status?.status).toBe('Consumed');
  expect(await nodeSays(cluster)).toMatchObject({ status: 'True' });
});

test('a disk of a pool that begins to fail stays in it, says how to get the data off, and says once that it is well again', async () => {
  const cluster = await withVolume('vol', 'node1');
  expect((await diskOf(cluster)).healthy).toMatchObject({ status: 'Unknown', reason: 'NotTold' });
  const host = cluster.world.host('node1');
  host.changeDisk('sdb', { health: 'Failed' });
  await cluster.run(askedAnew);
  const failing = await diskOf(cluster);
  expect(failing.healthy?.message).toContain(`kubectl label localdisk ${failing.name} hwameistor.io/eviction=start`);
  expect(failing.usable).toMatchObject({ reason: 'InPool' });
  expect((await cluster.objects(LocalStorageNode)).get('node1')?.status?.pools?.[pool]).toMatchObject({
    state: 'Healthy',
    volumes: ['vol'],
  });
  host.changeDisk('sdb', { health: 'Passed' });
  await cluster.run(askedAnew);
  expect((await diskOf(cluster)).healthy).toMatchObject({ status: 'True', reason: 'Passed' });
  expect(await told(cluster)).toEqual(['Normal DiskHealthy', 'Warning DiskFailing']);
});

test('a failing disk that falls silent, as one that sleeps, counts as failing, also for an agent that begins anew', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10), { health: 'Failed' })] });
  await cluster.run();
  cluster.world.host('node1').changeDisk('sdb', { health: undefined });
  await cluster.run(askedAnew);
  expect((await diskOf(cluster)).healthy).toMatchObject({ status: 'False', reason: 'Failing' });
});
