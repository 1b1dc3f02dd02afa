import { builtin, findCondition } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { LocalDiskClaim, type LocalDiskClaimSpec } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, orderVolume, pool } from './builders.ts';
import { ModelCluster } from './cluster.ts';
import { diskAt } from './evacuation.ts';

const { signal } = new AbortController();
const minute = 60_000;
const forAWhile = { forMs: 2 * minute, settles: false };

const order = (cluster: ModelCluster, name: string, more: Partial<LocalDiskClaimSpec> = {}) =>
  cluster.kubectl.create(LocalDiskClaim, {
    metadata: { name },
    spec: { nodeName: 'node1', owner: 'local-storage', description: { diskType: 'HDD' }, ...more },
  });

const claimOf = async (cluster: ModelCluster, name: string) => (await cluster.objects(LocalDiskClaim)).get(name);

const pooledPaths = async (cluster: ModelCluster): Promise<string[]> =>
  (await cluster.world.host('node1').tools.lvm.physicalVolumes(signal))
    .filter(({ volumeGroup, missing }) => volumeGroup !== undefined && !missing)
    .map(({ device }) => device)
    .sort();

/** A node whose pool misses sdb, so that claim `more`, which has sdd, waits. */
async function waiting(): Promise<ModelCluster> {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  cluster.world.host('node1').unplug('sdb');
  await cluster.run({ forMs: 61_000 });
  cluster.world.host('node1').addDisk(disk('sdd', gib(10)));
  await order(cluster, 'more');
  await cluster.run(forAWhile);
  expect((await claimOf(cluster, 'more'))?.status?.status).toBe('Extending');
  return cluster;
}

/** The pool is whole again, so that nothing but its own disks holds a claim up. */
async function heal(cluster: ModelCluster): Promise<void> {
  cluster.world.host('node1').plug('sdb');
  await cluster.run({ forMs: 10 * minute, settles: false });
}

describe('while a claim waits for its pool', () => {
  test('a LocalDisk that is deleted and taken by another claim is that one’s alone', async () => {
    const cluster = await waiting();
    const { metadata } = await diskAt(cluster, '/dev/sdd');
    const isMade: Interceptor = async (write, act) => {
      const made = await act();
      // Faster than anyone else.
      if (write.verb === 'create' && write.resource === 'localdisks.hwameistor.io') {
        const disk = await cluster.kubectl.get(LocalDisk, metadata.name);
        if (disk !== undefined)
          await cluster.kubectl.update(LocalDisk, {
            ...disk,
            spec: { ...disk.spec, claimRef: { name: 'other' } },
          });
      }
      return made;
    };
    await order(cluster, 'other', { description: { localDiskNames: [metadata.name] } });
    await cluster.kubectl.delete(LocalDisk, metadata.name);
    await cluster.run({ ...forAWhile, intercept: isMade });
    await heal(cluster);
    expect((await claimOf(cluster, 'other'))?.status?.status).toBe('Consumed');
    expect((await claimOf(cluster, 'more'))?.status?.status).toBe('Pending');
    const handedOut = [...(await cluster.objects(LocalDiskClaim)).values()].flatMap(({ spec }) => spec.diskRefs ?? []);
    expect(new Set(handedOut.map(({ name }) => name)).size).toBe(handedOut.length);
    const records = (await cluster.objects(LocalStorageNode)).get('node1')?.status?.poolExtendRecords?.[pool];
    expect(records?.filter(({ diskRefs }) => diskRefs?.some(({ name }) => name === metadata.name))).toHaveLength(1);
  });

  test('a LocalDisk that is deleted, and that nobody else takes, is taken anew', async () => {
    const cluster = await waiting();
    await cluster.kubectl.delete(LocalDisk, (await diskAt(cluster, '/dev/sdd')).metadata.name);
    await cluster.run(forAWhile);
    await heal(cluster);
    expect((await claimOf(cluster, 'more'))?.status?.status).toBe('Consumed');
    expect((await diskAt(cluster, '/dev/sdd')).spec.claimRef?.name).toBe('more');
    expect(await pooledPaths(cluster)).toEqual(['/dev/sdb', '/dev/sdc', '/dev/sdd']);
  });

  test.each(['before the claim is looked at', 'after it'])(
    'what was formatted since its disk was chosen is not wiped, though its LocalDisk was deleted, made anew %s',
    async (when) => {
      const cluster = await waiting();
      const host = cluster.world.host('node1');
      host.addDisk(disk('sde', gib(10)));
      await order(cluster, 'wiping', { wipe: true, description: { devicePaths: ['/dev/sde'] } });
      await cluster.run(forAWhile);
      expect((await claimOf(cluster, 'wiping'))?.status?.status).toBe('Extending');
      host.format('/dev/sde', 'ext4');
      const { metadata } = await diskAt(cluster, '/dev/sde');
      if (when === 'after it') host.unplug('sde');
      await cluster.kubectl.delete(LocalDisk, metadata.name);
      await cluster.run(forAWhile);
      if (when === 'after it') host.plug('sde');
      await heal(cluster);
      expect(await pooledPaths(cluster)).not.toContain('/dev/sde');
      expect((await host.tools.disks.probe('/dev/sde', signal)).signatures).toMatchObject([{ type: 'ext4' }]);
      expect((await claimOf(cluster, 'wiping'))?.status).toMatchObject({
        status: 'Extending',
        reason: 'DisksLost',
        message: expect.stringContaining('delete this claim'),
      });
    },
  );

  test('its list may be taken away: it has the disks that name it, and is not done before they are in the pool', async () => {
    const cluster = await waiting();
    const list = (await claimOf(cluster, 'more'))?.spec.diskRefs;
    await cluster.kubectl.patch(LocalDiskClaim, 'more', { spec: { diskRefs: null } });
    await cluster.run(forAWhile);
    expect(await claimOf(cluster, 'more')).toMatchObject({ spec: { diskRefs: list }, status: { status: 'Extending' } });
    await heal(cluster);
    expect((await claimOf(cluster, 'more'))?.status?.status).toBe('Consumed');
    expect(await pooledPaths(cluster)).toContain('/dev/sdd');
  });

  test('a disk that is reserved stays out of the pool, and the claim says how it would get it', async () => {
    const cluster = await waiting();
    const { metadata } = await diskAt(cluster, '/dev/sdd');
    await cluster.kubectl.patch(LocalDisk, metadata.name, { spec: { reserved: true } });
    await cluster.run(forAWhile);
    await heal(cluster);
    expect(await pooledPaths(cluster)).toEqual(['/dev/sdb', '/dev/sdc']);
    expect((await claimOf(cluster, 'more'))?.status).toMatchObject({
      status: 'Extending',
      reason: 'DiskUnfit',
      message: expect.stringContaining('set spec.reserved of its LocalDisk to false'),
    });
    await cluster.kubectl.patch(LocalDisk, metadata.name, { spec: { reserved: false } });
    await cluster.run();
    expect(await pooledPaths(cluster)).toContain('/dev/sdd');
  });

  test('one of its disks that is pulled out holds no other up, and the claim says which it is and both ways on', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
    await cluster.run();
    await order(cluster, 'both');
    const intercept: Interceptor = async (_write, act) => {
      const result = await act();
      if ((await claimOf(cluster, 'both'))?.status?.status === 'Bound') cluster.world.host('node1').unplug('sdc');
      return result;
    };
    const { name } = (await diskAt(cluster, '/dev/sdc')).metadata;
    await cluster.run({ ...forAWhile, intercept });
    expect(await pooledPaths(cluster)).toEqual(['/dev/sdb']);
    const told = (await claimOf(cluster, 'both'))?.status;
    expect(told).toMatchObject({ status: 'Extending', reason: 'DiskMissing' });
    for (const word of ['last /dev/sdc', 'serial number', `kubectl delete localdisk ${name}`, 'delete this claim'])
      expect(told?.message).toContain(word);
    await cluster.kubectl.delete(LocalDisk, name);
    await cluster.run();
    expect((await claimOf(cluster, 'both'))?.status?.status).toBe('Consumed');
  });
});

test('a disk that is reserved in the moment in which it would go into the pool stays out of it', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await cluster.run();
  const { metadata } = await diskAt(cluster, '/dev/sdb');
  await order(cluster, 'claim');
  await cluster.run({
    ...forAWhile,
    tools: (tools) => ({
      ...tools,
      disks: {
        ...tools.disks,
        scan: async (signal) => {
          const devices = await tools.disks.scan(signal);
          if ((await claimOf(cluster, 'claim'))?.status?.status === 'Extending')
            await cluster.kubectl.patch(LocalDisk, metadata.name, { spec: { reserved: true } });
          return devices;
        },
      },
    }),
  });
  expect(await pooledPaths(cluster)).toEqual([]);
  expect((await claimOf(cluster, 'claim'))?.status).toMatchObject({ status: 'Extending', reason: 'DiskUnfit' });
});

test('a pool that went away with its disks since the last look gets no second group of its name', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10), { signature: 'ext4' })] });
  await cluster.run();
  await order(cluster, 'first', { description: { devicePaths: ['/dev/sdb'] } });
  await cluster.run();
  await orderVolume(cluster.kubectl, 'vol', 'node1');
  await cluster.run();
  const host = cluster.world.host('node1');
  let isPulled = false;
  cluster.world.onStep = ({ command, when }) => {
    if (isPulled || when !== 'after' || !command.includes('wipe')) return;
    isPulled = true;
    host.deactivate(`/dev/${pool}/vol`);
    host.unplug('sdb');
  };
  await order(cluster, 'second', { description: { devicePaths: ['/dev/sdc'] }, wipe: true });
  await cluster.run(forAWhile);
  cluster.world.onStep = undefined;
  expect(isPulled).toBe(true);
  expect(await host.tools.lvm.volumeGroups(signal)).toEqual([]);
  expect(findCondition((await claimOf(cluster, 'second'))?.status?.conditions, 'Stalled')).toMatchObject({
    status: 'True',
    reason: 'PvMissing',
  });
  host.plug('sdb');
  await cluster.run({ forMs: 10 * minute, settles: false });
  expect(await host.tools.lvm.volumeGroups(signal)).toHaveLength(1);
  expect((await claimOf(cluster, 'second'))?.status?.status).toBe('Consumed');
});

test('what refuses its pool comes first in the message of a claim', async () => {
  const cluster = await waiting();
  expect((await claimOf(cluster, 'more'))?.status?.message).toMatch(/^vgextend.*missing.*Puts .* into the pool\.$/s);
});

test('a claim whose disks are in the pool can be deleted where LVM is missing, and they stay its pool’s', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
  await order(cluster, 'claim');
  await cluster.run();
  const { pvUUID } = (await diskAt(cluster, '/dev/sdb')).spec;
  cluster.world.host('node1').changeHost({ hasLvm: false });
  await cluster.kubectl.delete(LocalDiskClaim, 'claim');
  await cluster.run(forAWhile);
  expect(await claimOf(cluster, 'claim')).toBeUndefined();
  expect((await diskAt(cluster, '/dev/sdb')).spec.pvUUID).toBe(pvUUID);
});

describe('a claim of a node whose agent is gone', () => {
  test('says so, and is served as soon as the agent is back', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    await cluster.run();
    cluster.world.host('node1').powerOff();
    await cluster.run({ forMs: 2 * minute });
    await order(cluster, 'late');
    await cluster.run({ forMs: 10 * minute });
    expect((await claimOf(cluster, 'late'))?.status).toMatchObject({ status: 'Pending', reason: 'AgentLost' });
    cluster.world.host('node1').boot();
    await cluster.run({ forMs: 2 * minute });
    expect((await claimOf(cluster, 'late'))?.status).toMatchObject({ status: 'Consumed', reason: 'InPool' });
  });

  test('says while it is being deleted for whom it waits, and goes with its node', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    await order(cluster, 'claim');
    await cluster.run();
    cluster.world.host('node1').powerOff();
    await cluster.run({ forMs: 2 * minute });
    await cluster.kubectl.delete(LocalDiskClaim, 'claim');
    await cluster.run({ forMs: 10 * minute });
    const told = (await claimOf(cluster, 'claim'))?.status;
    expect(told).toMatchObject({ reason: 'AgentLost' });
    expect(told?.message).toContain('kubectl delete node node1');
    await cluster.kubectl.delete(builtin.Node, 'node1');
    await cluster.run({ forMs: minute });
    expect(await claimOf(cluster, 'claim')).toBeUndefined();
  });
});

describe('a claim that asks for a number of disks', () => {
  const mixed = () => [
    disk('sdb', gib(20)),
    disk('sdc', gib(10), { signature: 'ext4' }),
    disk('sdd', gib(10)),
    disk('sdaa', gib(10)),
  ];

  test('takes so many: the smallest first, in the order of their device nodes, and says so of the others', async () => {
    const cluster = await ModelCluster.of({ node1: mixed() });
    await cluster.run();
    await order(cluster, 'two', { description: { diskType: 'HDD', count: 2 } });
    await cluster.run();
    expect(await pooledPaths(cluster)).toEqual(['/dev/sdaa', '/dev/sdd']);
    const { status } = (await claimOf(cluster, 'two')) ?? {};
    expect(status?.status).toBe('Consumed');
    expect(findCondition(status?.conditions, 'Exhaustive')?.message).toContain('not needed: 2 asked for');
  });

  test('wipes none while blank ones fit', async () => {
    const cluster = await ModelCluster.of({ node1: mixed() });
    await cluster.run();
    const devicePaths = ['/dev/sdb', '/dev/sdc'];
    await order(cluster, 'one', { description: { devicePaths, count: 1 }, wipe: true });
    await cluster.run();
    expect(await pooledPaths(cluster)).toEqual(['/dev/sdb']);
    expect(cluster.world.host('node1').describe().disks).toMatchObject({ sdc: 'ext4' });
  });

  test('waits and says so while fewer fit', async () => {
    const cluster = await ModelCluster.of({ node1: mixed() });
    await cluster.run();
    await order(cluster, 'four', { description: { diskType: 'HDD', count: 4 } });
    await cluster.run();
    expect(await pooledPaths(cluster)).toEqual([]);
    const told = (await claimOf(cluster, 'four'))?.status;
    expect(told).toMatchObject({ status: 'Pending', reason: 'TooFewDisks' });
    expect(told?.message).toContain('3 of 4 disks');
    cluster.world.host('node1').wipeDisk('sdc');
    await cluster.run();
    expect((await claimOf(cluster, 'four'))?.status?.status).toBe('Consumed');
  });
});
