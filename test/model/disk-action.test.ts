import { findCondition } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { LocalDiskAction, type LocalDiskActionSpec } from '../../src/api/local-disk-action.schema.ts';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks, pooled } from './builders.ts';
import { ModelCluster } from './cluster.ts';
import { runUntil, worldOf } from './crash.ts';

const reserve = (cluster: ModelCluster, rule: LocalDiskActionSpec['rule'], name = 'keep') =>
  cluster.kubectl.create(LocalDiskAction, { metadata: { name }, spec: { action: 'reserve', rule } });

/** Of each disk: claim state, and why it can be used or not. */
async function disksOf(cluster: ModelCluster): Promise<Record<string, string>> {
  const disks = [...(await cluster.objects(LocalDisk)).values()];
  return Object.fromEntries(
    disks.map(({ spec, status }) => [
      `${spec.nodeName} ${spec.devicePath}`,
      `${status?.claimState} ${findCondition(status?.conditions, 'Usable')?.reason}`,
    ]),
  );
}

const diskAt = async (cluster: ModelCluster, path: string): Promise<LocalDisk> => {
  const found = [...(await cluster.objects(LocalDisk)).values()].find(({ spec }) => spec.devicePath === path);
  if (found === undefined) throw new Error(`no disk ${path}`);
  return found;
};

const actionOf = async (cluster: ModelCluster) => (await cluster.objects(LocalDiskAction)).get('keep')?.status;

describe('an action that reserves disks by a rule', () => {
  test('reserves those that are there and unused, on every node, and says which', async () => {
    const cluster = await ModelCluster.of({
      node1: [disk('sdb', gib(10)), disk('nvme0n1', gib(10))],
      node2: [disk('sdb', gib(10), { signature: 'ext4' })],
    });
    await cluster.run();
    await reserve(cluster, { devicePath: '/dev/sd*' });
    await cluster.run();
    expect(await disksOf(cluster)).toEqual({
      'node1 /dev/sdb': 'Reserved Reserved',
      'node1 /dev/nvme0n1': 'Available Blank',
      'node2 /dev/sdb': 'Bound HasSignature',
    });
    const reserved = [...(await cluster.objects(LocalDisk)).values()].filter(({ spec }) => spec.reserved === true);
    expect(reserved.map(({ spec }) => spec.devicePath)).toEqual(['/dev/sdb', '/dev/sdb']);
    const status = await actionOf(cluster);
    expect(status).toMatchObject({ state: 'Settled', reason: 'AllReserved' });
    expect(status?.latestMatchedLds?.toSorted()).toEqual(reserved.map(({ metadata }) => metadata.name).toSorted());
  });

  test('reserves a disk that comes before a claim that waits for it can have it', async () => {
    const cluster = await ModelCluster.of({ node1: [] });
    await reserve(cluster, { minCapacity: gib(5) });
    await claimDisks(cluster.kubectl, 'node1');
    await cluster.run();
    const taken: string[] = [];
    const intercept: Interceptor = async (write, act) => {
      const result = await act();
      if (write.resource === 'localdisks.hwameistor.io')
        taken.push((await cluster.kubectl.get(LocalDisk, write.name))?.spec.claimRef?.name ?? 'nobody');
      return result;
    };
    cluster.world.host('node1').addDisk(disk('sdb', gib(1)));
    await cluster.run({ intercept, forMs: 60_000 });
    expect(new Set(taken)).toEqual(new Set(['nobody']));
    expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Reserved Reserved' });
    const claim = (await cluster.objects(LocalDiskClaim)).get('node1');
    expect(claim?.status?.message).toContain('is reserved by LocalDiskAction keep; to have it used, set spec.reserved');
    expect(findCondition((await diskAt(cluster, '/dev/sdb')).status?.conditions, 'Usable')?.message).toContain(
      'reserved by LocalDiskAction keep',
    );
  });

  test('leaves disks alone that a claim or a pool has, and says so', async () => {
    const cluster = await pooled('node1');
    await reserve(cluster, { devicePath: '/dev/sdb' });
    await cluster.run();
    expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Bound InPool' });
    const { name } = (await diskAt(cluster, '/dev/sdb')).metadata;
    const status = await actionOf(cluster);
    expect(status).toMatchObject({ state: 'Settled', reason: 'SomeLeft', latestMatchedLds: [name] });
    expect(findCondition(status?.conditions, 'Reserved')).toMatchObject({
      status: 'False',
      message: `Of 1 disks that match, 1 are left as they are:\n/dev/sdb on node1: ${name} belongs to LocalDiskClaim node1`,
    });
    await cluster.kubectl.delete(LocalDiskClaim, 'node1');
    await cluster.run();
    expect((await diskAt(cluster, '/dev/sdb')).spec.reserved ?? false).toBe(false);
  });

  test('does not take a disk back that a person freed', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    await reserve(cluster, { devicePath: '/dev/sd?' });
    await cluster.run();
    const { name } = (await diskAt(cluster, '/dev/sdb')).metadata;
    await cluster.kubectl.patch(LocalDisk, name, { spec: { reserved: false } });
    await cluster.run({ forMs: 60_000 });
    expect(await disksOf(cluster)).toEqual({ 'node1 /dev/sdb': 'Available Blank' });
    expect((await actionOf(cluster))?.message).toContain('freed by a person');
  });

  test('names the last ten of many', async () => {
    const many = Array.from({ length: 12 }, (_none, index) => disk(`sd${'bcdefghijklm'[index]}`, gib(10)));
    const cluster = await ModelCluster.of({ node1: many });
    await cluster.run();
    await reserve(cluster, { devicePath: '/dev/sd?' });
    await cluster.run();
    expect((await actionOf(cluster))?.latestMatchedLds).toHaveLength(10);
  });

  test('ends in the same world wherever the processes die', { timeout: 60_000 }, async () => {
    const make = async (): Promise<ModelCluster> => {
      const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
      await cluster.run();
      cluster.world.host('node1').addDisk(disk('sdd', gib(10)));
      await reserve(cluster, { devicePath: '/dev/sd[bd]' });
      return cluster;
    };
    const calm = await make();
    const { writes } = await runUntil(calm);
    for (const [write, name] of writes.entries())
      for (const when of ['before', 'after'] as const) {
        const world = await make();
        await runUntil(world, { write, when });
        await world.run();
        expect(worldOf(world), `killed ${when} write ${write}: ${name}`).toEqual(worldOf(calm));
      }
  });
});
