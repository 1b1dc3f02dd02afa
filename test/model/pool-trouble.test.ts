import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { type LocalPool, LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { replicaName } from '../../src/api/names.ts';
import { gib } from '../../src/api/units.ts';
import { CommandError } from '../../src/node/errors.ts';
import type { HostTools } from '../../src/node/tools.ts';
import type { LvmTools } from '../../src/node/tools.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, orderVolume, pool, pooled, withVolume } from './builders.ts';
import { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();
const lookMs = 20_000;

const nodeOf = async (cluster: ModelCluster, name = 'node1') => {
  const node = (await cluster.objects(LocalStorageNode)).get(name);
  const conditions = Object.fromEntries(
    (node?.status?.conditions ?? []).map((condition) => [condition.type, condition]),
  );
  return { pool: node?.status?.pools?.[pool], conditions };
};
const replicaOf = async (cluster: ModelCluster, volume: string, node = 'node1') =>
  (await cluster.objects(LocalVolumeReplica)).get(replicaName(volume, node))?.status;
const eventsOf = async (cluster: ModelCluster): Promise<string[]> =>
  [...(await cluster.objects(builtin.Event)).values()].map(({ reason }) => reason);
const diskUuid = async (cluster: ModelCluster, device: string): Promise<string> => {
  const disks = await cluster.world.host('node1').tools.lvm.physicalVolumes(signal);
  return disks.find((found) => found.device === device)?.uuid ?? '';
};

/** A pool of two disks; `big` fills the first, so that `vol` stands on the second. */
async function twoDisks(): Promise<ModelCluster> {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  const [first] = (await cluster.world.host('node1').tools.lvm.physicalVolumes(signal)).toSorted((a, b) =>
    a.device < b.device ? -1 : 1,
  );
  await cluster.kubectl.create(LocalVolume, {
    metadata: { name: 'big' },
    spec: {
      requiredCapacityBytes: first?.freeBytes ?? 0,
      poolName: pool,
      replicaNumber: 1,
      convertible: false,
      delete: false,
    },
  });
  await cluster.run();
  await orderVolume(cluster.kubectl, 'vol');
  await cluster.run();
  for (const name of ['big', 'vol']) cluster.world.host('node1').write(`/dev/${pool}/${name}`, `data of ${name}`);
  return cluster;
}

describe('a disk of a pool that is pulled out', () => {
  test('leaves the pool Degraded, says which volumes are hurt and what to do, and hurts no other', async () => {
    const cluster = await twoDisks();
    const uuid = await diskUuid(cluster, '/dev/sdc');
    cluster.world.host('node1').unplug('sdc');
    await cluster.run({ forMs: lookMs });
    const { pool: shown, conditions } = await nodeOf(cluster);
    expect(shown).toMatchObject({
      state: 'Degraded',
      reason: 'DiskMissing',
      hurtVolumes: ['vol'],
      volumes: ['big', 'vol'],
      volumeCapacityBytesLimit: 0,
      freeVolumeCount: 0,
    });
    expect(shown?.disks).toMatchObject([
      { devPath: '/dev/sdb', state: 'InUse' },
      { devPath: '/dev/sdc', state: 'Offline', uuid, serialNumber: 'node1-sdc' },
    ]);
    expect(conditions).toMatchObject({ PoolsHealthy: { status: 'False', reason: 'DiskMissing' } });
    for (const words of [uuid, shown?.disks[1]?.localDisk, '/dev/sdc', 'node1-sdc', 'Hurt: vol; the other one goes on'])
      expect(conditions['PoolsHealthy']?.message).toContain(words);
    expect(conditions['PoolsHealthy']?.message).toContain('Never run vgreduce --removemissing --force');
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'NotReady', reason: 'DiskMissing' });
    expect(await replicaOf(cluster, 'big')).toMatchObject({ state: 'Ready' });
    expect(await eventsOf(cluster)).toContain('DiskMissing');
    await orderVolume(cluster.kubectl, 'more');
    await cluster.run({ forMs: lookMs });
    const more = (await cluster.objects(LocalVolume)).get('more');
    expect(JSON.stringify(more?.status)).toContain(`has ${pool} Degraded (DiskMissing)`);
  });

  test('is taken back when it returns, also after the group was changed, and the volumes use it again', async () => {
    const cluster = await twoDisks();
    const { lvm } = cluster.world.host('node1').tools;
    const [volumeGroup] = await lvm.volumeGroups(signal);
    if (volumeGroup === undefined) throw new Error('no group');
    const byHand = { volumeGroup, name: 'by-hand', tags: ['mine'], requireTags: ['mine'] as const };
    const { uuid } = await lvm.createLogicalVolume({ ...byHand, sizeBytes: gib(1) }, signal);
    cluster.world.host('node1').unplug('sdc');
    await cluster.run({ forMs: lookMs });
    await lvm.removeLogicalVolume({ ...byHand, uuid }, signal);
    cluster.world.host('node1').plug('sdc');
    await cluster.run({ forMs: lookMs });
    const { pool: shown, conditions } = await nodeOf(cluster);
    expect(shown).toMatchObject({ state: 'Healthy', volumes: ['big', 'vol'] });
    expect(shown?.hurtVolumes).toBeUndefined();
    expect(conditions).toMatchObject({ PoolsHealthy: { status: 'True' } });
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'Ready' });
    const probe = await cluster.world.host('node1').tools.fs.probe(`/dev/${pool}/vol`, signal);
    expect(probe.readable).toBe(true);
    expect(cluster.world.host('node1').dataOf(`/dev/${pool}/vol`)).toBe('data of vol');
    expect(await eventsOf(cluster)).toEqual(
      expect.arrayContaining(['DiskRestored', 'VolumesRefreshed', 'PoolHealthy']),
    );
  });

  test('lets the volume on it be deleted meanwhile, and comes back empty', async () => {
    const cluster = await twoDisks();
    const host = cluster.world.host('node1');
    const whole = (await nodeOf(cluster)).pool;
    host.unplug('sdc');
    await cluster.run({ forMs: lookMs });
    await cluster.kubectl.patch(LocalVolume, 'vol', { spec: { delete: true } });
    await cluster.run({ forMs: lookMs });
    expect([...(await cluster.objects(LocalVolume)).keys()]).toEqual(['big']);
    const { pool: shown } = await nodeOf(cluster);
    expect(shown).toMatchObject({ state: 'Degraded', volumes: ['big'], freeCapacityBytes: 0 });
    expect(shown?.totalCapacityBytes).toBe(whole?.totalCapacityBytes);
    expect(shown?.hurtVolumes).toBeUndefined();
    host.plug('sdc');
    await cluster.run({ forMs: lookMs });
    expect((await nodeOf(cluster)).pool).toMatchObject({
      state: 'Healthy',
      freeCapacityBytes: (whole?.totalCapacityBytes ?? 0) / 2,
    });
  });

  test('keeps its volume NotReady until the kernel uses the disk again, and says what refuses that', async () => {
    const cluster = await twoDisks();
    cluster.world.host('node1').unplug('sdc');
    await cluster.run({ forMs: lookMs });
    cluster.world.host('node1').plug('sdc');
    // Not refreshed: the tool refuses.
    cluster.world.onStep = ({ command }) => {
      if (command === 'lvchange --refresh') throw new Error('device busy');
    };
    await cluster.run({ forMs: 60_000, settles: false });
    const { pool: shown, conditions } = await nodeOf(cluster);
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'NotReady' });
    expect(shown).toMatchObject({ state: 'Degraded', reason: 'VolumesStale', hurtVolumes: ['vol'] });
    expect(shown?.nextTry).toBeDefined();
    expect(conditions['PoolsHealthy']?.message).toContain('device busy');
    cluster.world.onStep = undefined;
    await cluster.run({ forMs: 60_000 });
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'Ready' });
    expect((await nodeOf(cluster)).pool).toMatchObject({ state: 'Healthy' });
  });

  test('and was its only one leaves a pool that is Missing, nothing Lost, and no other group in its place', async () => {
    const cluster = await withVolume('vol', 'node1');
    const host = cluster.world.host('node1');
    host.unplug('sdb');
    host.addDisk(disk('sdc', gib(10)));
    await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'again' }, spec: { nodeName: 'node1' } });
    // The claim can't be served meanwhile, and is tried again and again.
    await cluster.run({ forMs: lookMs, settles: false });
    const away = await nodeOf(cluster);
    expect(away.pool).toMatchObject({
      state: 'Missing',
      reason: 'DiskMissing',
      hurtVolumes: ['vol'],
      volumeCapacityBytesLimit: 0,
      disks: [{ devPath: '/dev/sdb', state: 'Offline' }],
    });
    expect(away.conditions['PoolsHealthy']?.message).toContain('node1-sdb');
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'NotReady', reason: 'PoolMissing' });
    expect(await host.tools.lvm.volumeGroups(signal)).toEqual([]);
    host.plug('sdb');
    await cluster.run({ forMs: 60_000 });
    expect((await nodeOf(cluster)).pool).toMatchObject({ state: 'Healthy', volumes: ['vol'] });
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'Ready' });
    expect(host.dataOf(`/dev/${pool}/vol`)).toBe('precious');
    expect((await cluster.objects(LocalDiskClaim)).get('again')?.status?.status).toBe('Consumed');
    expect((await nodeOf(cluster)).pool?.disks).toHaveLength(2);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'between two answers of LVM (%i) is away all the same, and nothing is Lost',
    async (nth) => {
      const cluster = await withVolume('vol', 'node1');
      const host = cluster.world.host('node1');
      const { lvm } = host.tools;
      let asked = 0;
      const pulled = <T>(answer: T): T => {
        if (++asked === nth) host.unplug('sdb');
        return answer;
      };
      (host.tools as { lvm: LvmTools }).lvm = {
        ...lvm,
        volumeGroups: async (given) => pulled(await lvm.volumeGroups(given)),
        physicalVolumes: async (given) => pulled(await lvm.physicalVolumes(given)),
      };
      await cluster.run({ forMs: 2 * 60_000 });
      expect((await nodeOf(cluster)).pool).toMatchObject({
        state: 'Missing',
        volumes: ['vol'],
        hurtVolumes: ['vol'],
        disks: [{ serialNumber: 'node1-sdb' }],
      });
      expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'NotReady', reason: 'PoolMissing' });
      expect(await eventsOf(cluster)).not.toContain('Lost');
      expect(JSON.stringify([...(await cluster.objects(builtin.Event)).values()])).not.toContain(
        'LogicalVolumeMissing',
      );
    },
  );

  test('for good takes its pool with it once a person deletes its LocalDisk', async () => {
    const cluster = await pooled('node1');
    cluster.world.host('node1').unplug('sdb');
    await cluster.run({ forMs: lookMs });
    expect((await nodeOf(cluster)).pool).toMatchObject({ state: 'Missing' });
    for (const name of (await cluster.objects(LocalDisk)).keys()) await cluster.kubectl.delete(LocalDisk, name);
    await cluster.run({ forMs: lookMs });
    expect((await nodeOf(cluster)).pool).toBeUndefined();
  });
});

test('a disk that grew gives its pool the room, with an Event', async () => {
  const cluster = await withVolume('vol', 'node1');
  const before = (await nodeOf(cluster)).pool;
  cluster.world.host('node1').growDisk('sdb', gib(20));
  await cluster.run({ forMs: lookMs });
  const { pool: after } = await nodeOf(cluster);
  expect(after).toMatchObject({ state: 'Healthy' });
  expect((after?.totalCapacityBytes ?? 0) - (before?.totalCapacityBytes ?? 0)).toBe(gib(10));
  expect(await eventsOf(cluster)).toContain('PoolGrown');
});

test('a disk that grew by less than an extent changes nothing', async () => {
  const cluster = await pooled('node1');
  const before = (await nodeOf(cluster)).pool;
  cluster.world.host('node1').growDisk('sdb', gib(10) + 1024 ** 2);
  await cluster.run({ forMs: lookMs });
  expect((await nodeOf(cluster)).pool?.totalCapacityBytes).toBe(before?.totalCapacityBytes);
  expect(await eventsOf(cluster)).not.toContain('PoolGrown');
});

test('a byte copy of a disk stops every change of its pool until it is detached', async () => {
  const cluster = await withVolume('vol', 'node1');
  const host = cluster.world.host('node1');
  host.addDisk(disk('sdc', gib(10)));
  host.cloneDisk('sdb', 'sdc');
  const before = host.describe();
  await cluster.run({ forMs: lookMs });
  const { pool: shown, conditions } = await nodeOf(cluster);
  expect(shown).toMatchObject({ state: 'Degraded', reason: 'DuplicateDisk', volumeCapacityBytesLimit: 0 });
  expect(conditions['PoolsHealthy']?.message).toContain('/dev/sdb and /dev/sdc carry the same physical volume UUID');
  expect(conditions['PoolsHealthy']?.message).toContain('vgimportclone');
  expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'Ready' });
  expect(host.describe()).toEqual(before);
  host.unplug('sdc');
  await cluster.run({ forMs: lookMs });
  expect((await nodeOf(cluster)).pool).toMatchObject({ state: 'Healthy' });
});

describe('a volume group whose disks came from another node', () => {
  test('is shown with the way to take it over, left alone until then, and adopted after it', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    const { world } = cluster;
    world.host('node2').wipeDisk('sdb');
    await cluster.kubectl.delete(LocalDiskClaim, 'node2');
    await cluster.run({ forMs: lookMs });
    world.moveDisk('node1', 'sdb', 'node2', 'sdx');
    const before = world.host('node2').describe();
    await cluster.run({ forMs: lookMs });
    const moved = await nodeOf(cluster, 'node2');
    expect(moved.pool).toBeUndefined();
    expect(moved.conditions).toMatchObject({ GroupsOwned: { status: 'False', reason: 'MovedHere' } });
    expect(moved.conditions['GroupsOwned']?.message).toContain('vgchange --deltag hwameistor.io/node=node1');
    expect(world.host('node2').describe()).toEqual(before);
    expect(await eventsOf(cluster)).toContain('MovedHere');

    const { lvm } = world.host('node2').tools;
    const [volumeGroup] = await lvm.volumeGroups(signal);
    if (volumeGroup === undefined) throw new Error('no group');
    await lvm.changeVolumeGroupTags({ volumeGroup, remove: ['hwameistor.io/node=node1'] }, signal);
    await cluster.run({ forMs: lookMs });
    const taken = await nodeOf(cluster, 'node2');
    expect(taken.pool).toMatchObject({ state: 'Healthy', volumes: ['vol'] });
    expect(taken.conditions).toMatchObject({ GroupsOwned: { status: 'True' } });
    expect((await lvm.volumeGroups(signal))[0]?.tags).toContain('hwameistor.io/node=node2');
  });

  test('under the name of the pool that is there stops changes, and the known one stays the pool', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    const { world } = cluster;
    const known = (await nodeOf(cluster, 'node1')).pool?.vgUUID;
    world.moveDisk('node2', 'sdb', 'node1', 'sdx');
    const before = world.host('node1').describe();
    await cluster.run({ forMs: lookMs });
    const { pool: shown, conditions } = await nodeOf(cluster, 'node1');
    expect(shown).toMatchObject({
      state: 'Degraded',
      reason: 'NameAmbiguous',
      vgUUID: known,
      volumes: ['vol'],
      volumeCapacityBytesLimit: 0,
    });
    expect(conditions).toMatchObject({ GroupsOwned: { status: 'False', reason: 'NameAmbiguous' } });
    expect(conditions['GroupsOwned']?.message).toMatch(/vgrename sim-\d+ NEWNAME/);
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'Ready' });
    expect(world.host('node1').describe()).toEqual(before);
    world.moveDisk('node1', 'sdx', 'node2', 'sdb');
    await cluster.run({ forMs: lookMs });
    expect((await nodeOf(cluster, 'node1')).pool).toMatchObject({ state: 'Healthy' });
    expect((await nodeOf(cluster, 'node2')).pool).toMatchObject({ state: 'Healthy' });
  });
});

test('a pool of an earlier version, marked with its cluster alone, is marked with its node on sight', async () => {
  const cluster = await withVolume('vol', 'node1');
  const { lvm } = cluster.world.host('node1').tools;
  const [volumeGroup] = await lvm.volumeGroups(signal);
  if (volumeGroup === undefined) throw new Error('no group');
  await lvm.changeVolumeGroupTags({ volumeGroup, remove: ['hwameistor.io/node=node1'] }, signal);
  await cluster.run({ forMs: lookMs });
  expect((await lvm.volumeGroups(signal))[0]?.tags).toContain('hwameistor.io/node=node1');
  expect((await nodeOf(cluster)).pool).toMatchObject({ state: 'Healthy', volumes: ['vol'] });
});

describe('a node that lacks something', () => {
  test('without LVM shows its disks, says how to install it, and heals once it is there', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    const host = cluster.world.host('node1');
    host.changeHost({ hasLvm: false, system: { id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] } });
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run({ forMs: 60_000, settles: false });
    const lacking = await nodeOf(cluster);
    expect(lacking.conditions).toMatchObject({
      Available: { status: 'False', reason: 'LvmMissing' },
      PoolsHealthy: { status: 'Unknown' },
      GroupsOwned: { status: 'Unknown' },
      MetadataAmple: { status: 'Unknown' },
      DisksDistinguishable: { status: 'True' },
      DeviceMapperLoaded: { status: 'True' },
      Replicable: { status: 'True' },
    });
    expect(lacking.conditions['Available']?.message).toContain('dnf install lvm2');
    expect([...(await cluster.objects(LocalDisk)).values()]).toMatchObject([{ spec: { devicePath: '/dev/sdb' } }]);
    host.changeHost({ hasLvm: true });
    await cluster.run({ forMs: 12_000 });
    const { pool: shown, conditions } = await nodeOf(cluster);
    expect(shown).toMatchObject({ state: 'Healthy' });
    expect(conditions).toMatchObject({ Available: { status: 'True' }, PoolsHealthy: { status: 'True' } });
  });

  test('without a program that disks are read with says which, of no disk that it is broken, and heals', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    cluster.world.host('node1').changeHost({ system: { id: 'debian', idLike: [] } });
    await claimDisks(cluster.kubectl, 'node1');
    const probe = async (path: string): Promise<never> => {
      const command = `wipefs --json -- ${path}`;
      throw new CommandError({ code: 'TOOL_MISSING', command, stderr: 'wipefs: command not found' });
    };
    const tools = (tools: HostTools) => ({ ...tools, disks: { ...tools.disks, probe } });
    await cluster.run({ settles: false, forMs: 60_000, tools });
    const { conditions } = await nodeOf(cluster);
    expect(conditions).toMatchObject({ Available: { status: 'False', reason: 'ToolMissing' } });
    for (const words of ['has no wipefs', 'wipefs: command not found', 'apt install util-linux'])
      expect(conditions['Available']?.message).toContain(words);
    const [shown] = [...(await cluster.objects(LocalDisk)).values()];
    const usable = shown?.status?.conditions?.find(({ type }) => type === 'Usable');
    expect(usable).toMatchObject({ status: 'False', reason: 'ToolMissing' });
    expect(usable?.message).toContain('wipefs: command not found');
    expect(usable?.message).not.toContain('replace the disk');
    await cluster.run({ forMs: 12_000 });
    expect((await nodeOf(cluster)).pool).toMatchObject({ state: 'Healthy' });
  });

  test('whose disk can’t be probed for another cause says so with the words of the tool', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    const probe = async (path: string): Promise<never> => {
      throw new CommandError({ code: 'TIMED_OUT', command: `wipefs --json -- ${path}` });
    };
    await cluster.run({ forMs: 60_000, tools: (tools) => ({ ...tools, disks: { ...tools.disks, probe } }) });
    const [shown] = [...(await cluster.objects(LocalDisk)).values()];
    const usable = shown?.status?.conditions?.find(({ type }) => type === 'Usable');
    expect(usable).toMatchObject({ reason: 'ReadError', message: expect.stringContaining('Look for a hung device') });
  });

  test('that loses LVM keeps its pool and its figures, and takes nothing new', async () => {
    const cluster = await withVolume('vol', 'node1');
    const before = (await nodeOf(cluster)).pool;
    const host = cluster.world.host('node1');
    host.changeHost({ hasLvm: false });
    await cluster.run({ forMs: 60_000, settles: false });
    expect((await nodeOf(cluster)).pool).toMatchObject({
      state: 'Unseen',
      volumes: ['vol'],
      freeCapacityBytes: before?.freeCapacityBytes,
      volumeCapacityBytesLimit: 0,
      freeVolumeCount: 0,
    });
    host.changeHost({ hasLvm: true });
    await cluster.run({ forMs: 60_000 });
    const figures = ({ since: _since, ...rest }: Partial<LocalPool> = {}) => rest;
    expect(figures((await nodeOf(cluster)).pool)).toEqual(figures(before));
    expect(await replicaOf(cluster, 'vol')).toMatchObject({ state: 'Ready' });
  });

  test('without a udev database, a device-mapper or DRBD says what each of them means', async () => {
    const cluster = new ModelCluster();
    cluster.world.addHost('node1', { disks: [disk('sdb', gib(10))], drbdVersion: false });
    await cluster.kubectl.create(builtin.Node, { metadata: { name: 'node1' }, spec: {} });
    cluster.world.host('node1').changeHost({ hasUdev: false, hasDeviceMapper: false });
    await cluster.run();
    expect((await nodeOf(cluster)).conditions).toMatchObject({
      Available: { status: 'True' },
      PoolsHealthy: { status: 'True', reason: 'NoPool' },
      DisksDistinguishable: { status: 'False', reason: 'NoUdevDatabase' },
      DeviceMapperLoaded: { status: 'False', reason: 'NoDeviceMapper' },
      Replicable: { status: 'False', reason: 'NoDrbd' },
    });
  });
});
