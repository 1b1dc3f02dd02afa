import type { Client } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { evictionLabel } from '../../src/api/names.ts';
import { gib } from '../../src/api/units.ts';
import { disk, type DiskOptions } from '../sim/host/index.ts';
import { claimDisks, pool } from './builders.ts';
import { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();

export const diskAt = async (cluster: ModelCluster, path: string): Promise<LocalDisk> => {
  const found = [...(await cluster.objects(LocalDisk)).values()].find(({ spec }) => spec.devicePath === path);
  if (found === undefined) throw new Error(`there is no LocalDisk of ${path}`);
  return found;
};

const label = async (cluster: ModelCluster, path: string, value: string | null): Promise<void> => {
  const { metadata } = await diskAt(cluster, path);
  await cluster.kubectl.patch(LocalDisk, metadata.name, { metadata: { labels: { [evictionLabel]: value } } });
};

/** kubectl label ld NAME hwameistor.io/eviction=start */
export const orderEvacuation = (cluster: ModelCluster, path = '/dev/sdb') => label(cluster, path, 'start');
/** kubectl label ld NAME hwameistor.io/eviction- */
export const keepDisk = (cluster: ModelCluster, path = '/dev/sdb') => label(cluster, path, null);

export const orderVolumeOf = (kubectl: Client, name: string, sizeBytes: number) =>
  kubectl.create(LocalVolume, {
    metadata: { name },
    spec: { requiredCapacityBytes: sizeBytes, poolName: pool, replicaNumber: 1, convertible: false, delete: false },
  });

/** A node whose pool has these disks, and a volume of 3 GiB with data on the first. */
export async function twoDisks(
  sizes: Record<string, number> = { sdb: gib(10), sdc: gib(10) },
  options: DiskOptions = {},
): Promise<ModelCluster> {
  const disks = Object.entries(sizes).map(([name, sizeBytes]) => disk(name, sizeBytes, options));
  const cluster = await ModelCluster.of({ node1: disks });
  // One after the other: LVM fills the disk that came first.
  await cluster.kubectl.create(LocalDiskClaim, {
    metadata: { name: 'first' },
    spec: { nodeName: 'node1', description: { devicePaths: [`/dev/${disks[0]?.kernelName}`] } },
  });
  await cluster.run();
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  await orderVolumeOf(cluster.kubectl, 'vol', gib(3));
  await cluster.run();
  cluster.world.host('node1').write(`/dev/${pool}/vol`, 'precious');
  return cluster;
}

/** The same, and the first disk is to leave. */
export async function withEvacuation(options: DiskOptions = {}): Promise<ModelCluster> {
  const cluster = await twoDisks(undefined, options);
  await orderEvacuation(cluster);
  return cluster;
}

/** What LVM shows of each disk: how many GiB stand on it, whether it takes more, whether a move is under way. */
export async function lvmView(cluster: ModelCluster): Promise<Record<string, string>> {
  const { lvm } = cluster.world.host('node1').tools;
  const used = await lvm.usedExtents(signal);
  const disks = await lvm.physicalVolumes(signal);
  return Object.fromEntries(
    disks.map(({ device, uuid, volumeGroup, allocatable }) => {
      const extents = used.filter((run) => run.physicalVolume === uuid).reduce((sum, { count }) => sum + count, 0);
      const place = volumeGroup === undefined ? 'no group' : allocatable ? 'open' : 'closed';
      const moving = used.some(({ movedFrom }) => movedFrom === uuid) ? ', moving' : '';
      return [device, `${extents / 256} GiB, ${place}${moving}`];
    }),
  );
}
