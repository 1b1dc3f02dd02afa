import { builtin, rfc3339 } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { evictionLabel } from '../../src/api/names.ts';
import { gib } from '../../src/api/units.ts';
import { orderDeletion, pool } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { besideThePoint, runAnd, runUntil, runUntilStep } from './crash.ts';
import { diskAt, keepDisk, lvmView, orderEvacuation, orderVolumeOf, twoDisks, withEvacuation } from './evacuation.ts';

const { signal } = new AbortController();
const timeoutMs = 300_000;

const evacuationOf = async (cluster: ModelCluster, path = '/dev/sdb') =>
  (await diskAt(cluster, path)).status?.evacuation;

const dataOf = (cluster: ModelCluster) => cluster.world.host('node1').dataOf(`/dev/${pool}/vol`);

/** What must be true at the end: out of the pool, blank, reserved, and told so. */
async function expectRemoved(cluster: ModelCluster, what = ''): Promise<void> {
  expect(await lvmView(cluster), what).toEqual({ '/dev/sdc': '3 GiB, open' });
  const { metadata, spec, status } = await diskAt(cluster, '/dev/sdb');
  expect(metadata.labels?.[evictionLabel], what).toBeUndefined();
  expect(metadata.finalizers ?? [], what).toEqual([]);
  expect(spec.reserved, what).toBe(true);
  expect(spec.claimRef, what).toBeUndefined();
  expect(status, what).toMatchObject({
    claimState: 'Reserved',
    evacuation: { state: 'Removed', reason: 'Removed', totalBytes: gib(3), leftBytes: 0 },
  });
  expect(dataOf(cluster), what).toBe('precious');
}

/** Or: in the pool as if nothing had been, but for what was moved already. */
async function expectKept(cluster: ModelCluster, what = ''): Promise<void> {
  const view = await lvmView(cluster);
  expect(Object.keys(view), what).toEqual(['/dev/sdb', '/dev/sdc']);
  for (const shown of Object.values(view)) expect(shown, what).toMatch(/, open$/);
  const { metadata, spec, status } = await diskAt(cluster, '/dev/sdb');
  expect(metadata.finalizers ?? [], what).toEqual([]);
  expect(spec.reserved ?? false, what).toBe(false);
  expect(status?.evacuation, what).toBeUndefined();
  expect(
    status?.conditions?.map(({ type }) => type),
    what,
  ).not.toContain('Evacuated');
  expect(dataOf(cluster), what).toBe('precious');
}

test('a disk is emptied in pieces with rests between, leaves the pool, and ends blank and reserved', async () => {
  const cluster = await withEvacuation();
  const moves: number[] = [];
  const states = new Set<string | undefined>();
  cluster.world.onStep = ({ command, when }) => {
    if (command === 'pvmove' && when === 'before') moves.push(cluster.clock.now());
  };
  const intercept: Interceptor = async (_write, act) => {
    const answer = await act();
    for (const { status } of (await cluster.objects(LocalVolumeReplica)).values()) states.add(status?.state);
    return answer;
  };
  await cluster.run({ intercept });
  await expectRemoved(cluster);
  expect(moves).toHaveLength(3);
  const rests = moves.slice(1).map((at, index) => at - (moves[index] ?? 0));
  for (const rest of rests) expect(rest).toBeGreaterThanOrEqual(1_000);
  expect(states).toEqual(new Set(['Ready']));
  // Nothing of the volume hangs on the disk any more.
  cluster.world.host('node1').unplug('sdb');
  await cluster.run();
  const [volume] = await cluster.world.host('node1').tools.lvm.logicalVolumes(signal);
  expect(volume).toMatchObject({ name: 'vol', health: '', active: true });
  expect(dataOf(cluster)).toBe('precious');
});

test('what happens is told in Events, once each', async () => {
  const cluster = await withEvacuation();
  await cluster.run();
  const { metadata } = await diskAt(cluster, '/dev/sdb');
  const events = [...(await cluster.objects(builtin.Event)).values()].filter(
    ({ regarding, reason }) =>
      regarding?.name === metadata.name && ['Emptying', 'LeavingPool', 'Removed'].includes(reason ?? ''),
  );
  expect(events.map(({ reason }) => reason).sort()).toEqual(['Emptying', 'LeavingPool', 'Removed']);
});

test('a disk that is removed is not taken back until a person says so, and can leave again', async () => {
  const cluster = await withEvacuation();
  await cluster.run();
  await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'standing' }, spec: { nodeName: 'node1' } });
  await cluster.run();
  await expectRemoved(cluster);
  const { metadata } = await diskAt(cluster, '/dev/sdb');
  await cluster.kubectl.patch(LocalDisk, metadata.name, { spec: { reserved: false } });
  await cluster.run();
  expect(await lvmView(cluster)).toEqual({ '/dev/sdb': '0 GiB, open', '/dev/sdc': '3 GiB, open' });
  expect(await evacuationOf(cluster)).toBeUndefined();
  await orderEvacuation(cluster, '/dev/sdc');
  await cluster.run();
  expect(await lvmView(cluster)).toEqual({ '/dev/sdb': '3 GiB, open' });
  expect(dataOf(cluster)).toBe('precious');
});

test('a disk that tells nothing of itself is known when it is out of its pool, and not taken back either', async () => {
  const cluster = await withEvacuation({ serial: '' });
  await cluster.run({ forMs: 120_000 });
  await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'standing' }, spec: { nodeName: 'node1' } });
  await cluster.run({ forMs: 120_000 });
  await expectRemoved(cluster);
  expect([...(await cluster.objects(LocalDisk)).values()].map(({ spec }) => spec.state)).toEqual(['Active', 'Active']);
});

test('while it is being emptied, the pool counts neither the room on it nor what its volumes will need', async () => {
  const cluster = await withEvacuation();
  await runUntilStep(cluster, 'pvmove');
  const poolOf = async () => (await cluster.objects(LocalStorageNode)).get('node1')?.status?.pools?.[pool];
  const before = (await poolOf())?.freeCapacityBytes ?? 0;
  await cluster.run({ forMs: 3_000, settles: false });
  const during = await poolOf();
  expect(during?.freeCapacityBytes).toBeLessThan(before - gib(6));
  await cluster.run();
  expect(await poolOf()).toMatchObject({ usedCapacityBytes: gib(3), volumes: ['vol'] });
});

test('a volume goes as a whole to one disk where it can', async () => {
  const cluster = await twoDisks({ sdb: gib(10) });
  await orderVolumeOf(cluster.kubectl, 'other', gib(2));
  await cluster.run();
  for (const kernelName of ['sdc', 'sdd']) cluster.world.host('node1').addDisk({ kernelName, sizeBytes: gib(4) });
  await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'more' }, spec: { nodeName: 'node1' } });
  await cluster.run({ forMs: 60_000 });
  await orderEvacuation(cluster);
  await cluster.run();
  const used = await cluster.world.host('node1').tools.lvm.usedExtents(signal);
  const placesOf = (name: string) => used.filter((run) => run.volume.name === name).map((run) => run.physicalVolume);
  const [vol, other] = [new Set(placesOf('vol')), new Set(placesOf('other'))];
  expect([vol.size, other.size]).toEqual([1, 1]);
  expect(vol).not.toEqual(other);
});

describe('an order that is taken back', () => {
  test('half-way keeps the disk in the pool, with what was moved where it is', async () => {
    const cluster = await withEvacuation();
    await runUntilStep(cluster, 'pvmove end');
    await keepDisk(cluster);
    await cluster.run();
    await expectKept(cluster);
    expect(await lvmView(cluster)).toEqual({ '/dev/sdb': '2 GiB, open', '/dev/sdc': '1 GiB, open' });
  });

  test('takes back a move that was under way when the agent died', async () => {
    const cluster = await withEvacuation();
    await runUntilStep(cluster, 'pvmove');
    expect(await lvmView(cluster)).toMatchObject({ '/dev/sdb': '3 GiB, closed, moving' });
    await keepDisk(cluster);
    await cluster.run();
    await expectKept(cluster);
    expect(await lvmView(cluster)).toEqual({ '/dev/sdb': '3 GiB, open', '/dev/sdc': '0 GiB, open' });
  });

  test(
    'at any write leaves the disk either in the pool or out of it, and nothing between',
    { timeout: timeoutMs },
    async () => {
      const { writes } = await runUntil(await withEvacuation());
      const ends = new Set<string>();
      for (const [write, name] of writes.entries()) {
        const cluster = await withEvacuation();
        await runAnd(cluster, write, () => keepDisk(cluster));
        const isOut = (await evacuationOf(cluster))?.state === 'Removed';
        if (isOut) await expectRemoved(cluster, `at write ${write}: ${name}`);
        else await expectKept(cluster, `at write ${write}: ${name}`);
        ends.add(isOut ? 'out' : 'in');
      }
      expect(ends).toEqual(new Set(['in', 'out']));
    },
  );

  test('and given again goes on', async () => {
    const cluster = await withEvacuation();
    await runUntilStep(cluster, 'pvmove');
    await keepDisk(cluster);
    await runUntilStep(cluster, 'pvmove --abort');
    await orderEvacuation(cluster);
    await cluster.run();
    await expectRemoved(cluster);
  });

  test('by the deletion of the LocalDisk as well, which is found anew', async () => {
    const cluster = await withEvacuation();
    await runUntilStep(cluster, 'pvmove');
    await cluster.kubectl.delete(LocalDisk, (await diskAt(cluster, '/dev/sdb')).metadata.name);
    await cluster.run();
    await expectKept(cluster);
  });
});

test.each([
  ['serial numbers', {}],
  ['disks that tell nothing of themselves', { serial: '' }],
])(
  'a host with %s that loses power at any write goes on when it is back',
  { timeout: timeoutMs },
  async (_of, kind) => {
    const { writes } = await runUntil(await withEvacuation(kind));
    for (const [write, name] of writes.entries()) {
      const cluster = await withEvacuation(kind);
      const host = cluster.world.host('node1');
      let count = 0;
      const strike = (): void => {
        if (count++ === write) host.powerOff();
      };
      const intercept: Interceptor = (order, act) => {
        if (!besideThePoint.has(order.resource)) strike();
        return act();
      };
      cluster.world.onStep = ({ when }) => {
        if (when === 'after') strike();
      };
      await cluster.run({ intercept, forMs: 5_000, settles: false });
      cluster.world.onStep = undefined;
      if (host.isOn) await cluster.run();
      else host.boot({ activates: write % 2 === 0 });
      await cluster.run({ forMs: 60_000 });
      await expectRemoved(cluster, `at write ${write}: ${name}`);
    }
  },
);

describe('a disk that can’t be emptied stays as it is, and says why', () => {
  /** Orders it and runs; what LVM shows must be the same as before. */
  async function refusal(cluster: ModelCluster, path = '/dev/sdb') {
    const before = await lvmView(cluster);
    await orderEvacuation(cluster, path);
    await cluster.run({ forMs: 60_000 });
    expect(await lvmView(cluster)).toEqual(before);
    const { status } = await diskAt(cluster, path);
    expect(status?.conditions?.find(({ type }) => type === 'Evacuated')).toMatchObject({
      status: 'False',
      reason: status?.evacuation?.reason,
      message: status?.evacuation?.message,
    });
    return status?.evacuation;
  }

  test('for want of room, in numbers; and goes on when there is room', async () => {
    const cluster = await twoDisks({ sdb: gib(10), sdc: gib(2) });
    const told = await refusal(cluster);
    expect(told).toMatchObject({ state: 'Waiting', reason: 'NoRoom' });
    expect(told?.message).toContain(`needs ${gib(3)} bytes`);
    expect(told?.message).toContain(`have ${gib(2) - 8 * 1024 ** 2} bytes free`);
    expect(told?.message).toContain('hwameistor.io/eviction-');
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run({ forMs: 60_000 });
    expect(await lvmView(cluster)).toEqual({ '/dev/sdc': '0 GiB, open' });
  });

  test('as the only one of its pool', async () => {
    expect(await refusal(await twoDisks({ sdb: gib(10) }))).toMatchObject({ state: 'Waiting', reason: 'OnlyDisk' });
  });

  test('as the only one of its pool, with the way to remove an empty pool', async () => {
    const cluster = await twoDisks({ sdb: gib(10) });
    await orderDeletion(cluster.kubectl, 'vol');
    await cluster.run();
    const told = await refusal(cluster);
    expect(told).toMatchObject({ state: 'Waiting', reason: 'LastDisk' });
    expect(told?.message).toContain(`vgremove ${pool}; pvremove /dev/sdb`);
  });

  test('while another disk of the pool is missing', async () => {
    const cluster = await twoDisks({ sdb: gib(10), sdc: gib(10), sdd: gib(10) });
    cluster.world.host('node1').unplug('sdd');
    await cluster.run();
    expect(await refusal(cluster)).toMatchObject({ state: 'Waiting', reason: 'PoolDegraded' });
    cluster.world.host('node1').plug('sdd');
    await cluster.run({ forMs: 60_000 });
    expect((await evacuationOf(cluster))?.state).toBe('Removed');
  });

  test('while two devices carry its physical volume', async () => {
    const cluster = await twoDisks({ sdb: gib(10), sdc: gib(10) });
    cluster.world.host('node1').addDisk({ kernelName: 'sdd', sizeBytes: gib(10) });
    cluster.world.host('node1').cloneDisk('sdc', 'sdd');
    await cluster.run();
    expect(await refusal(cluster)).toMatchObject({ state: 'Waiting', reason: 'DuplicateDisk' });
  });

  test('with a volume on it that nobody marked', async () => {
    const cluster = await twoDisks();
    const { lvm } = cluster.world.host('node1').tools;
    const [volumeGroup] = await lvm.volumeGroups(signal);
    if (volumeGroup === undefined) throw new Error('no group');
    await lvm.createLogicalVolume({ volumeGroup, name: 'theirs', sizeBytes: gib(1), tags: [] }, signal);
    const told = await refusal(cluster);
    expect(told).toMatchObject({ state: 'Waiting', reason: 'ForeignVolume' });
    expect(told?.message).toContain('pvmove -n theirs /dev/sdb');
  });

  test('while somebody moves it by hand, which is neither ended nor taken back', async () => {
    const cluster = await twoDisks();
    const host = cluster.world.host('node1');
    const [volumeGroup] = await host.tools.lvm.volumeGroups(signal);
    const [from, to] = await host.tools.lvm.physicalVolumes(signal);
    const [volume] = await host.tools.lvm.logicalVolumes(signal);
    if (!volumeGroup || !from || !to || !volume) throw new Error('nothing to move');
    cluster.world.onStep = ({ command, when }) => {
      if (command === 'pvmove' && when === 'after') throw new Error('killed');
    };
    const byHand = host.tools.lvm.moveExtents({ volumeGroup, volume, from, first: 0, count: 9, to }, signal);
    await byHand.catch(() => undefined);
    cluster.world.onStep = undefined;
    expect(await refusal(cluster)).toMatchObject({ state: 'Waiting', reason: 'MovedByHand' });
    const before = await lvmView(cluster);
    await keepDisk(cluster);
    await cluster.run();
    expect(await lvmView(cluster)).toEqual(before);
  });

  test('outside of any pool', async () => {
    const cluster = await twoDisks();
    cluster.world.host('node1').addDisk({ kernelName: 'sdd', sizeBytes: gib(10) });
    await cluster.run();
    expect(await refusal(cluster, '/dev/sdd')).toMatchObject({ state: 'Waiting', reason: 'NotInPool' });
    await keepDisk(cluster, '/dev/sdd');
    await cluster.run();
    expect(await evacuationOf(cluster, '/dev/sdd')).toBeUndefined();
  });
});

test('room that goes while it is being emptied is waited for, and told', async () => {
  const cluster = await twoDisks({ sdb: gib(10), sdc: gib(4) });
  await orderEvacuation(cluster);
  await runUntilStep(cluster, 'pvmove end');
  const { lvm } = cluster.world.host('node1').tools;
  const [volumeGroup] = await lvm.volumeGroups(signal);
  if (volumeGroup === undefined) throw new Error('no group');
  const byHand = await lvm.createLogicalVolume({ volumeGroup, name: 'byhand', sizeBytes: gib(2), tags: ['x'] }, signal);
  await cluster.run({ forMs: 60_000 });
  expect(await evacuationOf(cluster)).toMatchObject({ state: 'Emptying', reason: 'NoRoom', leftBytes: gib(2) });
  await lvm.removeLogicalVolume({ ...byHand, requireTags: ['x'] }, signal);
  await cluster.run({ forMs: 60_000 });
  await expectRemoved(cluster);
});

test('a clock that is set back does not let the disk rest until it has caught up', async () => {
  const cluster = await withEvacuation();
  await runUntilStep(cluster, 'pvmove end');
  const { status, ...found } = await diskAt(cluster, '/dev/sdb');
  const { pieceSince: _since, ...evacuation } = status?.evacuation ?? { state: 'Emptying' as const };
  const nextTry = rfc3339(cluster.clock.now() + 36_000_000);
  await cluster.kubectl.updateStatus(LocalDisk, {
    ...found,
    status: { ...status, evacuation: { ...evacuation, nextTry } },
  });
  await cluster.run({ forMs: 60_000, settles: false });
  await expectRemoved(cluster);
});

test('what the tool refuses is told with when it is tried again', async () => {
  const cluster = await withEvacuation();
  let refusals = 0;
  const { CommandError } = await import('../../src/node/errors.ts');
  cluster.world.onStep = ({ command, when }) => {
    if (command !== 'pvmove' || when !== 'before' || refusals > 3) return;
    refusals += 1;
    throw new CommandError({ code: 'KERNEL_TARGET_MISSING', command: 'pvmove' });
  };
  const seen = new Set<string>();
  const intercept: Interceptor = async (_write, act) => {
    const answer = await act();
    const { status } = await diskAt(cluster, '/dev/sdb');
    const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
    if (stalled?.status === 'True') seen.add(`${stalled.reason} ${status?.nextTry !== undefined}`);
    return answer;
  };
  await cluster.run({ intercept, forMs: 180_000 });
  expect(seen).toEqual(new Set(['KernelTargetMissing true']));
  await expectRemoved(cluster);
});
