import { describe, expect, test } from 'vitest';
import { claimDisks, leftovers, orderDeletion, orderMove, orderVolume, pool, pooled, withVolume } from './builders.ts';
import { disk } from '../sim/host/index.ts';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { gib } from '../../src/api/units.ts';
import { ModelCluster } from './cluster.ts';
import { runDoubled, runUntil, runUntilStep, worldOf } from './crash.ts';
import { keepDisk, withEvacuation } from './evacuation.ts';

const { signal } = new AbortController();

interface Scenario {
  readonly name: string;
  /** A world where something was just ordered. */
  readonly make: () => Promise<ModelCluster>;
  readonly volumes: readonly string[];
}

const scenarios: Scenario[] = [
  {
    name: 'a LocalDiskClaim',
    volumes: [],
    make: async () => {
      const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
      await cluster.run();
      await claimDisks(cluster.kubectl, 'node1');
      return cluster;
    },
  },
  {
    name: 'a LocalDiskClaim that wipes its disks',
    volumes: [],
    make: async () => {
      const cluster = await ModelCluster.of({
        node1: [
          disk('sdb', gib(10), { signature: 'ext4' }),
          disk('sdc', gib(10), { signature: 'gpt', partitions: [{}, {}] }),
          disk('sdd', gib(10)),
        ],
      });
      await cluster.run();
      await cluster.kubectl.create(LocalDiskClaim, {
        metadata: { name: 'dirty' },
        spec: { nodeName: 'node1', wipe: true, description: { devicePaths: ['/dev/sdb', '/dev/sdc', '/dev/sdd'] } },
      });
      return cluster;
    },
  },
  {
    name: 'the making of a LocalVolume and its LocalVolumeReplica',
    volumes: ['vol'],
    make: async () => {
      const cluster = await pooled('node1', 'node2');
      await orderVolume(cluster.kubectl, 'vol');
      return cluster;
    },
  },
  {
    name: 'the making of a LocalVolume where another left its file system',
    volumes: ['vol'],
    make: async () => {
      const cluster = await withVolume('earlier', 'node1');
      cluster.world.host('node1').format(`/dev/${pool}/earlier`, 'ext4');
      await orderDeletion(cluster.kubectl, 'earlier');
      await cluster.run();
      await orderVolume(cluster.kubectl, 'vol');
      return cluster;
    },
  },
  {
    name: 'the growth of a LocalVolume',
    volumes: ['vol'],
    make: async () => {
      const cluster = await withVolume('vol', 'node1');
      await cluster.kubectl.patch(LocalVolume, 'vol', { spec: { requiredCapacityBytes: gib(1) } });
      return cluster;
    },
  },
  {
    name: 'the deletion of a LocalVolume and its LocalVolumeReplica',
    volumes: [],
    make: async () => {
      const cluster = await withVolume('vol', 'node1');
      await orderDeletion(cluster.kubectl, 'vol');
      return cluster;
    },
  },
  {
    name: 'the adoption of a volume group that was made by hand',
    volumes: [],
    make: async () => {
      const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
      const { disks, lvm } = cluster.world.host('node1').tools;
      const [device] = await disks.scan(signal);
      if (device === undefined) throw new Error('no disk');
      await lvm.createVolumeGroup({ name: pool, device, tags: [] }, signal);
      return cluster;
    },
  },
  {
    name: 'a disk that comes back into its pool, and another that grew',
    volumes: ['by-hand', 'vol'],
    make: async () => {
      const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(1))] });
      await claimDisks(cluster.kubectl, 'node1');
      await orderVolume(cluster.kubectl, 'vol');
      await cluster.run();
      const host = cluster.world.host('node1');
      const { lvm } = host.tools;
      const [volumeGroup] = await lvm.volumeGroups(signal);
      if (volumeGroup === undefined) throw new Error('no group');
      const wanted = { volumeGroup, tags: ['mine'], requireTags: ['mine'] as const };
      const { uuid } = await lvm.createLogicalVolume({ ...wanted, name: 'gone', sizeBytes: gib(1) / 4 }, signal);
      // Stands on both disks.
      const { freeBytes = 0 } = (await lvm.volumeGroups(signal))[0] ?? {};
      await lvm.createLogicalVolume({ ...wanted, name: 'by-hand', sizeBytes: freeBytes }, signal);
      await cluster.run();
      host.unplug('sdc');
      await cluster.run({ forMs: 20_000 });
      await lvm.removeLogicalVolume({ ...wanted, name: 'gone', uuid }, signal);
      host.plug('sdc');
      host.growDisk('sdb', gib(12));
      return cluster;
    },
  },
  {
    name: 'the evacuation of a disk',
    volumes: ['vol'],
    make: withEvacuation,
  },
  {
    name: 'the end of an evacuation whose order was taken back',
    volumes: ['vol'],
    make: async () => {
      const cluster = await withEvacuation();
      await runUntilStep(cluster, 'pvmove');
      await keepDisk(cluster);
      return cluster;
    },
  },
  {
    name: 'a LocalVolumeMigrate',
    volumes: ['vol'],
    make: async () => {
      const cluster = await withVolume('vol', 'node1', 'node2');
      await orderMove(cluster.kubectl, 'vol', 'node1');
      return cluster;
    },
  },
];

/** A move has some seventy writes, and is killed twice at each. */
const timeoutMs = 300_000;

describe.each(scenarios)('$name', ({ make, volumes }) => {
  test('ends in the same world when killed before or after any write', { timeout: timeoutMs }, async () => {
    const calm = await make();
    const { writes } = await runUntil(calm);
    const wanted = worldOf(calm);
    expect(leftovers(calm, ...volumes)).toEqual([]);
    for (const [write, name] of writes.entries())
      for (const when of ['before', 'after'] as const) {
        const world = await make();
        await runUntil(world, { write, when });
        await world.run();
        expect(worldOf(world), `killed ${when} write ${write}: ${name}`).toEqual(wanted);
      }
  });

  test('ends in the same world when everything is done to the hosts twice', async () => {
    const calm = await make();
    await calm.run();
    const world = await make();
    await runDoubled(world);
    expect(worldOf(world)).toEqual(worldOf(calm));
  });
});
