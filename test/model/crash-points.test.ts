import { describe, expect, test } from 'vitest';
import { claimDisks, leftovers, orderDeletion, orderMove, orderVolume, pool, pooled, withVolume } from './builders.ts';
import { disk } from '../sim/host/index.ts';
import { gib } from '../../src/api/units.ts';
import { ModelCluster } from './cluster.ts';
import { runDoubled, runUntil, runUntilStep, worldOf } from './crash.ts';
import { keepDisk, withEvacuation } from './evacuation.ts';

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
    name: 'the deletion of a LocalVolume and its LocalVolumeReplica',
    volumes: [],
    make: async () => {
      const cluster = await withVolume('vol', 'node1');
      await orderDeletion(cluster.kubectl, 'vol');
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
