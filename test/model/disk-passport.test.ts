import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, pool } from './builders.ts';
import { ModelCluster } from './cluster.ts';

/** Each look at the node that nothing asks for comes after this. */
const lookMs = 60_000;

/** What is told of one LocalDisk: where it is and was, and what is to be done with it. */
interface Told {
  readonly at: string;
  readonly before: string;
  readonly state: string;
  readonly why: string;
  readonly message: string;
  readonly pvUUID: string | undefined;
  readonly unique: string | undefined;
}

function told({ spec, status }: LocalDisk): Told {
  const condition = (type: string) => status?.conditions?.find((condition) => condition.type === type);
  return {
    at: `${spec.nodeName} ${spec.devicePath ?? 'away'}`,
    before: [spec.preNodeName, spec.preDevicePath].filter((word) => word !== undefined).join(' '),
    state: `${spec.state} ${status?.claimState}`,
    why: condition('Usable')?.reason ?? '',
    message: condition('Usable')?.message ?? '',
    pvUUID: spec.pvUUID,
    unique: condition('Unique')?.reason,
  };
}

/** By the name of the object. */
const disksOf = async (cluster: ModelCluster): Promise<Map<string, Told>> =>
  new Map([...(await cluster.objects(LocalDisk))].map(([name, disk]) => [name, told(disk)]));

/** By where it is. */
const disksAt = async (cluster: ModelCluster): Promise<Map<string, Told & { name: string }>> =>
  new Map([...(await disksOf(cluster))].map(([name, disk]) => [disk.at, { ...disk, name }]));

const eventsOf = async (cluster: ModelCluster): Promise<(string | undefined)[]> =>
  [...(await cluster.objects(builtin.Event)).values()].map(({ reason }) => reason);

/** A cluster of one node with these disks, of which a claim took all that are free. */
async function claimed(...disks: ReturnType<typeof disk>[]): Promise<ModelCluster> {
  const cluster = await ModelCluster.of({ node1: disks });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  return cluster;
}

describe('a disk of a pool is known by its physical volume', () => {
  test('after a boot that gave the disks other names', async () => {
    const cluster = await claimed(disk('sdb', gib(10), { serial: '' }), disk('sdc', gib(10), { serial: '' }));
    const before = await disksAt(cluster);
    cluster.world.host('node1').renameDisks({ sdb: 'sdc', sdc: 'sdb' });
    await cluster.run({ forMs: lookMs });
    const after = await disksAt(cluster);
    expect(after.size).toBe(2);
    for (const [here, there] of [
      ['node1 /dev/sdb', 'node1 /dev/sdc'],
      ['node1 /dev/sdc', 'node1 /dev/sdb'],
    ] as const) {
      expect(after.get(there)).toMatchObject({ name: before.get(here)?.name, why: 'InPool' });
      expect(after.get(there)?.pvUUID).toBe(before.get(here)?.pvUUID);
    }
    expect(after.get('node1 /dev/sdb')?.before).toBe('/dev/sdc');
  });

  test('when its firmware or another controller tells another serial number', async () => {
    const cluster = await claimed(disk('sdb', gib(10)));
    const [before] = await disksOf(cluster);
    cluster.world.host('node1').changeDisk('sdb', { serial: 'anew', wwn: '0x5000c500c1f2e3d4' });
    await cluster.run({ forMs: lookMs });
    const after = await disksOf(cluster);
    expect([...after]).toMatchObject([[before?.[0], { at: 'node1 /dev/sdb', why: 'InPool' }]]);
    expect((await cluster.objects(LocalDisk)).get(before?.[0] ?? '')?.spec.uuid).toBe('wwn:0x5000c500c1f2e3d4');
  });

  test('and is itself again when it is back, in whatever slot', async () => {
    const cluster = await claimed(disk('sdb', gib(10)), disk('sdc', gib(10)));
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    const host = cluster.world.host('node1');
    const taken = host.takeDisk('sdb');
    await cluster.run({ forMs: lookMs });
    expect((await disksOf(cluster)).get(before?.name ?? '')).toMatchObject({
      at: 'node1 away',
      before: 'node1 /dev/sdb',
      state: 'Inactive Pending',
      message: expect.stringContaining(`Pool ${pool} misses it, its physical volume ${before?.pvUUID}`),
      pvUUID: before?.pvUUID,
    });
    host.putDisk(taken, 'sdx');
    await cluster.run({ forMs: lookMs });
    expect((await disksOf(cluster)).get(before?.name ?? '')).toMatchObject({
      at: 'node1 /dev/sdx',
      before: '/dev/sdb',
      state: 'Active Bound',
      why: 'InPool',
    });
  });

  test.each([
    ['tells nothing of itself', ''],
    ['tells the serial number of the old one', 'same'],
  ])('and another disk in its place that %s is another disk', async (_which, serial) => {
    const cluster = await claimed(disk('sdb', gib(10), { serial }), disk('sdc', gib(10)));
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    const host = cluster.world.host('node1');
    host.powerOff();
    host.boot();
    host.takeDisk('sdb');
    host.addDisk(disk('sdb', gib(10), { serial }));
    await cluster.run({ forMs: lookMs });
    const after = await disksAt(cluster);
    expect(after.get('node1 /dev/sdb')).toMatchObject({ state: 'Active Available', why: 'Blank', pvUUID: undefined });
    expect(after.get('node1 /dev/sdb')?.name).not.toBe(before?.name);
    expect(after.get('node1 away')).toMatchObject({ name: before?.name, state: 'Inactive Pending' });
    expect(after.get('node1 away')?.message).toContain(`Pool ${pool} misses it`);
    // Looked at again and again it stays so.
    await cluster.run({ forMs: 3 * lookMs });
    expect(await disksAt(cluster)).toEqual(after);
  });

  test('and one that tells nothing of itself is another, too, where it was the only one of the pool', async () => {
    const cluster = await claimed(disk('sdb', gib(10), { serial: '' }));
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    cluster.world.host('node1').takeDisk('sdb');
    cluster.world.host('node1').addDisk(disk('sdb', gib(10), { serial: '' }));
    await cluster.run({ forMs: lookMs });
    const after = await disksAt(cluster);
    expect(after.get('node1 /dev/sdb')).toMatchObject({ why: 'Blank' });
    expect(after.get('node1 away')).toMatchObject({
      name: before?.name,
      message: expect.stringContaining(`A pool had it, as physical volume ${before?.pvUUID}`),
    });
  });
});

test('a disk that no pool has is known again by its serial number where its WWN is told only now', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await cluster.run();
  const [before] = await disksOf(cluster);
  cluster.world.host('node1').changeDisk('sdb', { wwn: '0x5000c500c1f2e3d4' });
  await cluster.run({ forMs: lookMs });
  expect([...(await disksOf(cluster)).keys()]).toEqual([before?.[0]]);
});

test('a disk that grew is the same, and shows its size', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10), { serial: '' })] });
  await cluster.run();
  const [[name] = []] = await disksOf(cluster);
  cluster.world.host('node1').changeDisk('sdb', { sizeBytes: gib(20) });
  await cluster.run({ forMs: lookMs });
  const after = [...(await cluster.objects(LocalDisk)).values()];
  expect(after.map(({ metadata, spec }) => [metadata.name, spec.capacity])).toEqual([[name, gib(20)]]);
});

describe('a disk that is moved to another node', () => {
  const both = () =>
    ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))], node2: [disk('sdb', gib(10))] });

  test('comes over with its LocalDisk, once the old node shows it as away', async () => {
    const cluster = await both();
    await cluster.run();
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    await cluster.kubectl.patch(LocalDisk, before?.name ?? '', { spec: { reserved: true } });
    const taken = cluster.world.host('node1').takeDisk('sdb');
    await cluster.run({ forMs: lookMs });
    cluster.world.host('node2').putDisk(taken, 'sdc');
    await cluster.run({ forMs: lookMs });
    expect((await disksOf(cluster)).get(before?.name ?? '')).toMatchObject({
      at: 'node2 /dev/sdc',
      before: 'node1 /dev/sdb',
      state: 'Active Reserved',
    });
    expect((await cluster.objects(LocalDisk)).size).toBe(3);
    expect(await eventsOf(cluster)).toContain('DiskMoved');
  });

  test('is used by nobody while the old node did not notice, and comes over then', async () => {
    const cluster = await both();
    await cluster.run();
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    cluster.world.host('node2').putDisk(cluster.world.host('node1').takeDisk('sdb'), 'sdc');
    // The agent of node1 is dead; what it showed last is what counts.
    cluster.world.host('node1').powerOff();
    await cluster.run({ forMs: lookMs });
    const twin = (await disksAt(cluster)).get('node2 /dev/sdc');
    expect(twin).toMatchObject({ why: 'DuplicateIdentity', unique: 'DuplicateIdentity' });
    expect(twin?.message).toContain(`kubectl delete localdisk ${before?.name}`);
    cluster.world.host('node1').boot();
    await cluster.run({ forMs: 3 * lookMs });
    const after = await disksAt(cluster);
    expect(after.get('node2 /dev/sdc')).toMatchObject({ name: before?.name, why: 'Blank', before: 'node1 /dev/sdb' });
    expect(after.size).toBe(3);
  });

  test('is not taken for another’s, and nobody is told to wipe it, while it holds a pool of its old node', async () => {
    const cluster = await both();
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run();
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    const taken = [cluster.world.host('node1').takeDisk('sdb'), cluster.world.host('node1').takeDisk('sdc')];
    await cluster.run({ forMs: lookMs });
    taken.forEach((disk, index) => cluster.world.host('node2').putDisk(disk, ['sdc', 'sdd'][index] ?? ''));
    await cluster.run({ forMs: lookMs });
    const moved = (await disksAt(cluster)).get('node2 /dev/sdc');
    expect(moved).toMatchObject({ name: before?.name, why: 'MovedPool', pvUUID: before?.pvUUID });
    expect(moved?.message).toContain('is the pool of node1 in this cluster: put the disk back there');
    expect((await cluster.objects(LocalStorageNode)).get('node2')?.status?.pools ?? {}).toEqual({});
  });

  test('keeps the pool’s passport behind where it is not the disk that the pool misses', async () => {
    const cluster = await ModelCluster.of({
      node1: [disk('sdb', gib(10), { serial: 'S' }), disk('sdc', gib(10))],
      node2: [],
    });
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run();
    const before = (await disksAt(cluster)).get('node1 /dev/sdb');
    cluster.world.host('node1').takeDisk('sdb');
    await cluster.run({ forMs: lookMs });
    cluster.world.host('node2').addDisk(disk('sdb', gib(10), { serial: 'S' }));
    await cluster.run({ forMs: lookMs });
    const after = await disksAt(cluster);
    expect(after.get('node1 away')).toMatchObject({ name: before?.name, pvUUID: before?.pvUUID });
    expect(after.get('node2 /dev/sdb')).toMatchObject({ why: 'Blank' });
  });
});

test('a disk of a node whose agent is dead may be there or not, until that agent is back and looks', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))], node2: [] });
  await cluster.run();
  cluster.world.host('node1').takeDisk('sdc');
  await cluster.run({ forMs: lookMs });
  const states = async () =>
    [...(await cluster.objects(LocalDisk)).values()]
      .map(({ spec }) => spec.state ?? '')
      .toSorted((a, b) => (a < b ? -1 : 1));
  expect(await states()).toEqual(['Active', 'Inactive']);
  cluster.world.host('node1').powerOff();
  await cluster.run({ forMs: lookMs });
  expect(await states()).toEqual(['Inactive', 'Unknown']);
  cluster.world.host('node1').boot();
  await cluster.run({ forMs: lookMs });
  expect(await states()).toEqual(['Active', 'Inactive']);
});

describe('two disks of one identity', () => {
  test('are used by neither node, whoever came first; one that a pool has stays there and says so', async () => {
    const cluster = await ModelCluster.of({
      node1: [disk('sdb', gib(10), { serial: 'twin' }), disk('sdc', gib(10), { serial: 'clone' })],
      node2: [],
    });
    await cluster.kubectl.create(LocalDiskClaim, {
      metadata: { name: 'one' },
      spec: { nodeName: 'node1', description: { devicePaths: ['/dev/sdc'] } },
    });
    await cluster.run();
    for (const [name, serial] of [
      ['sdb', 'twin'],
      ['sdc', 'clone'],
    ] as const)
      cluster.world.host('node2').addDisk(disk(name, gib(10), { serial }));
    await cluster.run({ forMs: 2 * lookMs });
    const after = await disksAt(cluster);
    const shown = [...after].map(([at, { why, unique }]) => `${at} ${why} ${unique}`);
    expect(shown.sort()).toEqual([
      'node1 /dev/sdb DuplicateIdentity DuplicateIdentity',
      'node1 /dev/sdc InPool DuplicateIdentity',
      'node2 /dev/sdb DuplicateIdentity DuplicateIdentity',
      'node2 /dev/sdc DuplicateIdentity DuplicateIdentity',
    ]);
  });

  test('have partitions that are used by nobody either', async () => {
    const partitions = [{}];
    const cluster = await ModelCluster.of({
      node1: [disk('sdb', gib(10), { serial: 'twin', partitions })],
      node2: [disk('sdb', gib(10), { serial: 'twin', partitions })],
    });
    await cluster.run({ forMs: lookMs });
    const reasons = [...(await disksOf(cluster)).values()].map(({ why }) => why);
    expect(reasons).toEqual(Array.from({ length: 4 }, () => 'DuplicateIdentity'));
  });

  test('are not those that both tell a placeholder for a serial number', async () => {
    const disks = ['0000000000000000', 'N/A'].map((serial, index) => disk(`sd${'bc'[index]}`, gib(1), { serial }));
    const cluster = await ModelCluster.of({ node1: disks, node2: disks });
    await cluster.run({ forMs: lookMs });
    const reasons = [...(await disksOf(cluster)).values()].map(({ why, unique }) => `${why} ${unique}`);
    expect(reasons).toEqual(Array.from({ length: 4 }, () => 'Blank KnownByPlace'));
  });
});

test('a byte copy of a disk of a pool is told as that, and the pool keeps the disk that it knows', async () => {
  const cluster = await claimed(disk('sdb', gib(10)));
  cluster.world.host('node1').addDisk(disk('sdc', gib(10)));
  cluster.world.host('node1').cloneDisk('sdb', 'sdc');
  await cluster.run({ forMs: lookMs });
  const after = await disksAt(cluster);
  expect(after.get('node1 /dev/sdb')).toMatchObject({ why: 'InPool', unique: 'DuplicatePhysicalVolume' });
  expect(after.get('node1 /dev/sdc')).toMatchObject({
    why: 'DuplicatePhysicalVolume',
    message: expect.stringContaining('/dev/sdb are byte copies of each other'),
  });
});

test('a disk that udev has no record of is not used, as it may be a reserved one, and leaves no second LocalDisk', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10), { partitions: [{}] })] });
  await cluster.run();
  const before = await disksAt(cluster);
  const { name = '' } = before.get('node1 /dev/sdb') ?? {};
  await cluster.kubectl.patch(LocalDisk, name, { spec: { reserved: true } });
  const host = cluster.world.host('node1');
  host.changeHost({ hasUdev: false });
  await cluster.run({ forMs: lookMs });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run({ forMs: lookMs, settles: false });
  expect((await disksAt(cluster)).get('node1 /dev/sdb')).toMatchObject({ why: 'NotInUdev', state: 'Active Pending' });
  expect((await cluster.objects(LocalDiskClaim)).get('node1')?.status).toMatchObject({
    status: 'Pending',
    message: expect.stringContaining('udevadm trigger --name-match=/dev/sdb'),
  });
  expect(host.describe().groups).toEqual({});

  host.changeHost({ hasUdev: true });
  await cluster.run({ forMs: 3 * lookMs, settles: false });
  const after = await disksAt(cluster);
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  expect(after.get('node1 /dev/sdb')).toMatchObject({ name, why: 'Reserved' });
  expect(host.describe().groups).toEqual({});
});

describe('a partition', () => {
  const partitioned = () =>
    ModelCluster.of({
      node1: [disk('sdb', gib(10), { partitions: [{}, { type: 'biosBoot', sizeBytes: 1024 ** 2 }] })],
    });

  test('is taken by a claim that names it, and by no other', async () => {
    const cluster = await partitioned();
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run();
    const refused = (await cluster.objects(LocalDiskClaim)).get('node1')?.status?.message;
    expect(refused).toMatch(/\/dev\/sdb1: \S+ is a partition; a claim takes one only if it names it/);
    await cluster.kubectl.create(LocalDiskClaim, {
      metadata: { name: 'part' },
      spec: { nodeName: 'node1', description: { devicePaths: ['/dev/sdb1', '/dev/sdb2'] } },
    });
    await cluster.run();
    expect((await cluster.objects(LocalDiskClaim)).get('part')?.status?.status).toBe('Consumed');
    const after = await disksAt(cluster);
    expect(after.get('node1 /dev/sdb1')).toMatchObject({ why: 'InPool', state: 'Active Bound' });
    expect(after.get('node1 /dev/sdb2')?.why).toBe('PartitionType');
    expect(after.get('node1 /dev/sdb')).toMatchObject({
      why: 'Partitioned',
      message: expect.stringContaining(`/dev/sdb1 belongs to pool ${pool}`),
    });
  });

  test('that is gone from its table is forgotten with its LocalDisk, unless a pool misses it', async () => {
    const cluster = await ModelCluster.of({
      node1: [disk('sda', gib(10)), disk('sdb', gib(10), { partitions: [{}, {}] })],
    });
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run();
    await cluster.world.host('node1').extendByHand(pool, 'sdb1');
    await cluster.run({ forMs: lookMs });
    cluster.world.host('node1').wipeDisk('sdb');
    await cluster.run({ forMs: 3 * lookMs });
    const after = await disksAt(cluster);
    expect([...after.keys()].sort()).toEqual(['node1 /dev/sda', 'node1 /dev/sdb', 'node1 away']);
    expect(after.get('node1 away')?.message).toMatch(/partitioned anew. Pool LocalStorage_PoolHDD misses it/);
  });

  test('that a person put into a pool by vgextend is the pool’s, whatever the disk is called after a boot', async () => {
    const cluster = await claimed(disk('sda', gib(10)), disk('sdb', gib(10), { partitions: [{ type: 'lvm' }] }));
    await cluster.world.host('node1').extendByHand(pool, 'sdb1');
    await cluster.run({ forMs: lookMs });
    const owners = async () =>
      Object.fromEntries(
        [...(await cluster.objects(LocalDisk)).values()].map(({ spec }) => [spec.devicePath, spec.owner]),
      );
    const before = await disksAt(cluster);
    expect(before.get('node1 /dev/sdb1')).toMatchObject({ why: 'InPool' });
    expect(await owners()).toEqual({
      '/dev/sda': 'local-storage',
      '/dev/sdb': 'local-storage',
      '/dev/sdb1': 'local-storage',
    });
    const paths = (await cluster.objects(LocalStorageNode)).get('node1')?.status?.pools?.[pool]?.disks;
    expect(paths?.map(({ devPath }) => devPath)).toEqual(['/dev/sda', '/dev/sdb1']);
    cluster.world.host('node1').renameDisks({ sdb: 'sdq' });
    await cluster.run({ forMs: lookMs });
    expect((await disksAt(cluster)).get('node1 /dev/sdq1')?.name).toBe(before.get('node1 /dev/sdb1')?.name);
  });
});

test('a claim goes on after power was lost between the label of a disk and its volume group', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await cluster.run();
  const host = cluster.world.host('node1');
  cluster.world.onStep = ({ command, when }) => {
    if (command === 'vgcreate' && when === 'before') host.powerOff();
  };
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run({ forMs: lookMs, settles: false });
  expect(host.isOn).toBe(false);
  expect(host.describe().disks).toEqual({ sdb: 'LVM2_member' });
  cluster.world.onStep = undefined;
  host.boot();
  await cluster.run({ forMs: lookMs });
  expect((await disksAt(cluster)).get('node1 /dev/sdb')).toMatchObject({ why: 'InPool' });
  expect((await cluster.objects(LocalDiskClaim)).get('node1')?.status?.status).toBe('Consumed');
});

test('who uses a disk is filled in while others use it, and goes by itself; what a person wrote stays', async () => {
  const disks = ['sdb', 'sdc', 'sdd'].map((name) => disk(name, gib(1), name === 'sdd' ? {} : { signature: 'ext4' }));
  const cluster = await ModelCluster.of({ node1: disks });
  await cluster.run();
  const owners = async () =>
    Object.fromEntries(
      [...(await cluster.objects(LocalDisk)).values()].map(({ spec }) => [spec.devicePath, spec.owner ?? '']),
    );
  expect(await owners()).toEqual({ '/dev/sdb': 'system', '/dev/sdc': 'system', '/dev/sdd': '' });
  const { name = '' } = (await disksAt(cluster)).get('node1 /dev/sdc') ?? {};
  await cluster.kubectl.patch(LocalDisk, name, { spec: { owner: 'local-disk-manager' } });
  const { name: free = '' } = (await disksAt(cluster)).get('node1 /dev/sdd') ?? {};
  await cluster.kubectl.patch(LocalDisk, free, { spec: { owner: 'system' } });
  for (const kernelName of ['sdb', 'sdc']) cluster.world.host('node1').wipeDisk(kernelName);
  await cluster.run({ forMs: lookMs });
  expect(await owners()).toEqual({ '/dev/sdb': '', '/dev/sdc': 'local-disk-manager', '/dev/sdd': 'system' });
});
