import { builtin, type Client } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { gib, mib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { ModelCluster, type RunOptions } from './cluster.ts';

export const pool = 'LocalStorage_PoolHDD';

/** A cluster whose nodes each have a pool of 10 GiB. */
export async function pooled(...nodes: string[]): Promise<ModelCluster> {
  const cluster = await ModelCluster.of(Object.fromEntries(nodes.map((node) => [node, [disk('sdb', gib(10))]])));
  for (const node of nodes) await claimDisks(cluster.kubectl, node);
  await cluster.run();
  return cluster;
}

export const claimDisks = (kubectl: Client, nodeName: string) =>
  kubectl.create(LocalDiskClaim, {
    metadata: { name: nodeName },
    spec: { nodeName, owner: 'local-storage', description: { diskType: 'HDD' } },
  });

/** Orders a volume, on a certain node if one is named. */
export const orderVolume = (kubectl: Client, name: string, node?: string) =>
  kubectl.create(LocalVolume, {
    metadata: { name },
    spec: {
      requiredCapacityBytes: mib(100),
      poolName: pool,
      replicaNumber: 1,
      convertible: false,
      delete: false,
      ...(node === undefined ? {} : { accessibility: { nodes: [node], zones: ['default'], regions: ['default'] } }),
    },
  });

/** A cluster with one volume on node1 that holds data. */
export async function withVolume(name: string, ...nodes: string[]): Promise<ModelCluster> {
  const cluster = await pooled(...nodes);
  await orderVolume(cluster.kubectl, name, 'node1');
  await cluster.run();
  cluster.world.host('node1').write(`/dev/${pool}/${name}`, 'precious');
  return cluster;
}

export const orderDeletion = (kubectl: Client, name: string) =>
  kubectl.patch(LocalVolume, name, { spec: { delete: true } });

export const cordon = (kubectl: Client, node: string) =>
  kubectl.patch(builtin.Node, node, { spec: { unschedulable: true } });

export const uncordon = (kubectl: Client, node: string) =>
  kubectl.patch(builtin.Node, node, { spec: { unschedulable: null } });

export const orderMove = (kubectl: Client, volumeName: string, sourceNode: string) =>
  kubectl.create(LocalVolumeMigrate, {
    metadata: { name: `move-${volumeName}` },
    spec: { volumeName, sourceNode, targetNodesSuggested: [], migrateAllVols: true, abort: false },
  });

/** A cluster whose one volume was ordered from node1 to the other node. */
export async function withMove(): Promise<ModelCluster> {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  return cluster;
}

/** How that move stands. */
export const moveOf = async (cluster: ModelCluster) =>
  (await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status;

/** Which hosts hold a logical volume of that name, with its data. */
export const copies = (cluster: ModelCluster, volume: string): Record<string, string | undefined> =>
  Object.fromEntries(cluster.world.copiesOf(volume).map(({ host, data }) => [host, data]));

/** Everything on the hosts that belongs to no volume as it should be: what a move or deletion left behind. */
export const leftovers = (cluster: ModelCluster, ...volumes: string[]): string[] =>
  Object.entries(cluster.world.describe()).flatMap(([host, { groups, resourceFiles, running }]) => [
    ...Object.values(groups).flatMap((group) =>
      Object.keys(group.volumes).flatMap((name) => (volumes.includes(name) ? [] : [`${host}: ${name}`])),
    ),
    ...resourceFiles.map((file) => `${host}: file ${file}`),
    ...Object.keys(running).map((name) => `${host}: running ${name}`),
  ]);

/** Runs, then lets so much time pass. */
export const runFor = (cluster: ModelCluster, forMs: number, more: RunOptions = {}) => cluster.run({ ...more, forMs });
