import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, pool, pooled } from './builders.ts';
import { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();

/** Of each disk by its device: claim state and why it can be used or not. */
async function disksOf(cluster: ModelCluster): Promise<Record<string, string>> {
  const disks = [...(await cluster.objects(LocalDisk)).values()];
  return Object.fromEntries(
    disks.map(({ spec, status }) => [
      `${spec.nodeName} ${spec.devicePath}`,
      `${status?.claimState} ${status?.conditions?.find(({ type }) => type === 'Usable')?.reason}`,
    ]),
  );
}

const poolOf = async (cluster: ModelCluster, node: string) =>
  (await cluster.objects(LocalStorageNode)).get(node)?.status?.pools?.[pool];

const claimOf = async (cluster: ModelCluster, name: string) => (await cluster.objects(LocalDiskClaim)).get(name);

test('bare disks become a pool by a claim, all that match', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
  await cluster.run();
  expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Available Blank', 'node1 /dev/sdc': 'Available Blank' });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  expect((await claimOf(cluster, 'node1'))?.status).toMatchObject({ status: 'Consumed' });
  expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Bound InPool', 'node1 /dev/sdc': 'Bound InPool' });
  expect(await poolOf(cluster, 'node1')).toMatchObject({
    name: pool,
    class: 'HDD',
    type: 'REGULAR',
    usedCapacityBytes: 0,
    usedVolumeCount: 0,
    volumes: [],
    disks: [
      { devPath: '/dev/sdb', type: 'HDD', state: 'InUse' },
      { devPath: '/dev/sdc', type: 'HDD', state: 'InUse' },
    ],
  });
});

test('a disk that may not be used is shown with its reason and left alone', async () => {
  const cluster = await ModelCluster.of({
    node1: [
      disk('sdb', gib(1), { signature: 'ext4', data: 'photos' }),
      disk('sdc', gib(1), { mountPoint: '/data' }),
      disk('sdd', gib(1), { unreadable: true }),
      disk('sde', gib(1), { serial: 'twin' }),
      disk('sdf', gib(1), { serial: 'twin' }),
      disk('sdg', gib(1), { readOnly: true }),
      disk('sdh', gib(1), { signature: 'gpt' }),
    ],
  });
  const before = cluster.world.describe();
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  expect(await disksOf(cluster)).toEqual({
    'node1 /dev/sdb': 'Bound HasSignature',
    'node1 /dev/sdc': 'Bound Mounted',
    'node1 /dev/sdd': 'Pending ReadError',
    'node1 /dev/sde': 'Pending DuplicateIdentity',
    'node1 /dev/sdf': 'Pending DuplicateIdentity',
    'node1 /dev/sdg': 'Bound ReadOnly',
    'node1 /dev/sdh': 'Bound Partitioned',
  });
  const claim = await claimOf(cluster, 'node1');
  expect(claim?.status).toMatchObject({ status: 'Pending', reason: 'NoDiskMatches' });
  for (const word of [
    'ext4',
    'Mounted on /data',
    'could not be read',
    'same serial number',
    'read-only',
    'partition table',
  ])
    expect(claim?.status?.message).toContain(word);
  expect(cluster.world.describe()).toEqual(before);
});

test('a disk of the same serial number on another node is used by neither', async () => {
  const cluster = await ModelCluster.of({
    node1: [disk('sdb', gib(1), { serial: 'twin' })],
    node2: [disk('sdb', gib(1), { serial: 'twin' })],
  });
  // As after an installation: they wait when the agents start, and all agents start together.
  for (const node of ['node1', 'node2']) await claimDisks(cluster.kubectl, node);
  await cluster.run({ forMs: 60_000 });
  for (const { groups } of Object.values(cluster.world.describe())) expect(groups).toEqual({});
  expect(await disksOf(cluster)).toEqual({
    'node1 /dev/sdb': 'Pending DuplicateIdentity',
    'node2 /dev/sdb': 'Pending DuplicateIdentity',
  });
});

test('a disk that a person reserves is shown so, is taken by no claim, and does not stop the others', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
  await cluster.run();
  const found = [...(await cluster.objects(LocalDisk)).values()].find(({ spec }) => spec.devicePath === '/dev/sdb');
  await cluster.kubectl.patch(LocalDisk, found?.metadata.name ?? '', { spec: { reserved: true } });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Reserved Reserved', 'node1 /dev/sdc': 'Bound InPool' });
  await cluster.kubectl.patch(LocalDisk, found?.metadata.name ?? '', { spec: { reserved: false } });
  await cluster.run();
  expect(await disksOf(cluster)).toMatchObject({ 'node1 /dev/sdb': 'Available Blank' });
});

test('a disk that is wiped heals the claim that waits for it', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10), { signature: 'ext4' })] });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  cluster.world.host('node1').wipeDisk('sdb');
  await cluster.run();
  expect((await claimOf(cluster, 'node1'))?.status?.status).toBe('Consumed');
});

test('a claim takes only the disks that it asks for, and says what refused the others', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(1))] });
  await cluster.kubectl.create(LocalDiskClaim, {
    metadata: { name: 'big' },
    spec: { nodeName: 'node1', description: { capacity: gib(20) } },
  });
  await cluster.run();
  expect((await claimOf(cluster, 'big'))?.status?.message).toContain(`has ${gib(10)} bytes, ${gib(20)} are asked for`);
  await cluster.kubectl.create(LocalDiskClaim, {
    metadata: { name: 'one' },
    spec: { nodeName: 'node1', description: { devicePaths: ['/dev/sdc'] } },
  });
  await cluster.run();
  expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Available Blank', 'node1 /dev/sdc': 'Bound InPool' });
});

test('two claims that want the same disks share nothing', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'other' }, spec: { nodeName: 'node1' } });
  await cluster.run();
  const states = [...(await cluster.objects(LocalDiskClaim)).values()].map(({ status }) => status?.status);
  expect(states.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(['Consumed', 'Pending']);
});

test('a node whose last pool was removed by hand shows none, and its disk as free again', async () => {
  const cluster = await pooled('node1');
  expect(await poolOf(cluster, 'node1')).toBeDefined();
  cluster.world.host('node1').wipeDisk('sdb');
  await cluster.kubectl.delete(LocalDiskClaim, 'node1');
  await cluster.run();
  expect(await poolOf(cluster, 'node1')).toBeUndefined();
  expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Available Blank' });
});

test('a claim that nobody can serve says so', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await claimDisks(cluster.kubectl, 'nowhere');
  await cluster.kubectl.create(LocalDiskClaim, {
    metadata: { name: 'other' },
    spec: { nodeName: 'node1', owner: 'system' },
  });
  await cluster.run();
  expect((await claimOf(cluster, 'nowhere'))?.status).toMatchObject({ status: 'Pending', reason: 'NodeNotFound' });
  expect((await claimOf(cluster, 'other'))?.status).toMatchObject({ status: 'Pending', reason: 'OwnerNotHandled' });
});

describe('a claim that is deleted', () => {
  test('goes when its disks are in the pool, and they stay there', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run();
    await cluster.kubectl.delete(LocalDiskClaim, 'node1');
    await cluster.run();
    expect(await claimOf(cluster, 'node1')).toBeUndefined();
    expect((await poolOf(cluster, 'node1'))?.disks).toHaveLength(1);
  });

  test('gives back a disk that could not be put into the pool', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    await cluster.run();
    await claimDisks(cluster.kubectl, 'node1');
    // Mounted between the claim and the pool: the tool refuses in its own step.
    cluster.world.onStep = undefined;
    cluster.world.host('node1').changeDisk('sdb', { mountPoint: '/data' });
    await cluster.run();
    expect(await poolOf(cluster, 'node1')).toBeUndefined();
    await cluster.kubectl.delete(LocalDiskClaim, 'node1');
    await cluster.run();
    cluster.world.host('node1').changeDisk('sdb', { mountPoint: undefined });
    await cluster.run();
    expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Available Blank' });
  });
});

test('a disk whose claim is gone without a trace is free again', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await cluster.run();
  const [found] = (await cluster.objects(LocalDisk)).values();
  if (found === undefined) throw new Error('no disk');
  await cluster.kubectl.update(LocalDisk, { ...found, spec: { ...found.spec, claimRef: { name: 'gone' } } });
  await cluster.run();
  expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Available Blank' });
});

describe('a volume group that was made by hand under the name of a pool', () => {
  test('is adopted by a tag, with an Event, and becomes the pool', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    const { lvm, disks } = cluster.world.host('node1').tools;
    const [device] = await disks.scan(signal);
    if (device === undefined) throw new Error('no disk');
    await lvm.createVolumeGroup({ name: pool, device, tags: [] }, signal);
    await cluster.run();
    expect((await poolOf(cluster, 'node1'))?.disks).toMatchObject([{ devPath: '/dev/sdb' }]);
    expect((await lvm.volumeGroups(signal))[0]?.tags).toEqual([
      'hwameistor.io/cluster=model',
      'hwameistor.io/node=node1',
    ]);
    const events = [...(await cluster.objects(builtin.Event)).values()].map(({ reason }) => reason);
    expect(events).toContain('PoolAdopted');
  });

  test('is left alone when another cluster marked it', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
    const { lvm, disks } = cluster.world.host('node1').tools;
    const [device] = await disks.scan(signal);
    if (device === undefined) throw new Error('no disk');
    await lvm.createVolumeGroup({ name: pool, device, tags: ['hwameistor.io/cluster=other'] }, signal);
    await claimDisks(cluster.kubectl, 'node1');
    // The claim is refused for ever, and tried again for ever.
    await cluster.run({ forMs: 60_000, settles: false });
    expect(await poolOf(cluster, 'node1')).toBeUndefined();
    const claim = await claimOf(cluster, 'node1');
    expect(claim?.status).toMatchObject({ status: 'Extending' });
    expect(claim?.status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'VgNotOurs',
    });
    expect(await disksOf(cluster)).toEqual({
      'node1 /dev/sdb': 'Bound ForeignPool',
      'node1 /dev/sdc': 'Bound Claimed',
    });
  });
});
