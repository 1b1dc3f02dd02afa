import type { LocalPool, LocalStorageNode } from './local-storage-node.schema.ts';
import { isFinished, type LocalVolumeMigrate } from './local-volume-migrate.schema.ts';
import type { LegState, LocalVolumeReplica } from './local-volume-replica.schema.ts';
import type { LocalVolume } from './local-volume.schema.ts';
import type { PoolName } from './names.ts';
import { metadataBytes, roundUpToExtent } from './sizes.ts';

/** The wanted pool on one node, as it can be counted on now: what was promised to volumes that are not made yet is taken off. */
export interface PoolRoom {
  readonly node: string;
  readonly freeBytes: number;
  readonly freeVolumes: number;
  readonly zone?: string;
  readonly region?: string;
  /** Why the node takes no volume whatever its room, e.g. that it is cordoned or lacks the pool. */
  readonly closed?: string;
}

/** Room that was decided on and is not to be seen in any object yet. */
export interface Promised {
  /** Of the LocalVolume: another one of its name is promised nothing. */
  readonly uid: string;
  readonly volume: string;
  readonly node: string;
  readonly pool: PoolName;
  readonly bytes: number;
}

/** A node that says no address can't be replicated to or from. */
export const noAddress =
  'has no storage address: its Node needs an InternalIP, or annotation localstorage.hwameistor.io/storage-ipv4';

export interface ClusterView {
  readonly nodes: readonly LocalStorageNode[];
  readonly volumes: readonly LocalVolume[];
  readonly replicas: readonly LocalVolumeReplica[];
  readonly migrates: readonly LocalVolumeMigrate[];
  /** Decided by this process, and perhaps not to be seen in the objects yet. */
  readonly promised: readonly Promised[];
}

/** What each node's pool has left once everything that was promised in it is made. */
export function roomsOf(pool: PoolName, view: ClusterView): PoolRoom[] {
  const promises = promisesIn(pool, view);
  const metadata = metadataIn(pool, view);
  return view.nodes.map(({ metadata: { name }, spec: { storageIP, topogoly }, status }) => {
    const found = status?.pools?.[pool];
    if (found === undefined) return { node: name, freeBytes: 0, freeVolumes: 0, closed: `has no ${pool}` };
    const closed =
      status?.state === 'Ready'
        ? (closedBy(found) ?? noAddressOf(storageIP))
        : `is ${status?.state ?? 'not looked at yet'}`;
    const coming = [...(promises.get(name) ?? [])].filter(([volume]) => !found.volumes.includes(volume));
    const forMetadata = metadata.get(name) ?? 0;
    const comingBytes = coming.reduce((sum, [, bytes]) => sum + bytes, forMetadata + growthOn(name, found, view));
    return {
      node: name,
      ...topogoly,
      freeBytes: Math.min(found.freeCapacityBytes, found.volumeCapacityBytesLimit) - comingBytes,
      freeVolumes: found.freeVolumeCount - coming.length,
      ...(closed === undefined ? {} : { closed }),
    };
  });
}

/** Bytes by which volumes that are there are still to grow. */
function growthOn(node: string, { name, volumes }: LocalPool, { replicas, promised }: ClusterView): number {
  const there = replicas.filter(
    ({ spec }) => spec.nodeName === node && spec.poolName === name && !spec.delete && volumes.includes(spec.volumeName),
  );
  return there.reduce((sum, { spec, status }) => {
    const { allocatedCapacityBytes: has } = status ?? {};
    if (has === undefined) return sum;
    const decided = promised.filter((one) => one.volume === spec.volumeName && one.node === node && one.pool === name);
    const asked = Math.max(spec.requiredCapacityBytes, ...decided.map(({ bytes }) => bytes));
    return sum + Math.max(0, roundUpToExtent(asked) - has);
  }, 0);
}

/** LVM takes no change of a pool that is not well. */
const closedBy = ({ name, state = '', reason }: LocalPool): string | undefined =>
  state === '' || state === 'Healthy' ? undefined : `has ${name} ${state}${reason === undefined ? '' : ` (${reason})`}`;

const noAddressOf = (storageIP: string | undefined): string | undefined => (storageIP ? undefined : noAddress);

/** By node, then volume: bytes that the volume takes or will take there. */
function promisesIn(pool: PoolName, view: ClusterView): Map<string, Map<string, number>> {
  const byNode = new Map<string, Map<string, number>>();
  const promise = (node: string, volume: string, bytes: number): void => {
    const there = byNode.get(node) ?? new Map<string, number>();
    there.set(volume, Math.max(there.get(volume) ?? 0, roundUpToExtent(bytes)));
    byNode.set(node, there);
  };
  const sizes = new Map(view.volumes.map(({ metadata, spec }) => [metadata.name, spec]));
  for (const { spec } of view.replicas)
    if (spec.poolName === pool && !spec.delete) promise(spec.nodeName, spec.volumeName, spec.requiredCapacityBytes);
  for (const { metadata, spec } of view.volumes)
    if (spec.poolName === pool && !spec.delete)
      for (const { hostname } of spec.config?.replicas ?? [])
        promise(hostname, metadata.name, spec.requiredCapacityBytes);
  for (const { spec, status } of view.migrates) {
    const volume = sizes.get(spec.volumeName);
    if (volume?.poolName !== pool || isFinished(status?.state) || !status?.targetNode) continue;
    promise(status.targetNode, spec.volumeName, volume.requiredCapacityBytes);
  }
  for (const { node, volume, bytes } of view.promised.filter((promised) => promised.pool === pool))
    promise(node, volume, bytes);
  return byNode;
}

/** A side of a pair has its metadata from this state on. */
const isWithoutMetadata = (state: LegState | undefined): boolean =>
  state === undefined || state === 'Absent' || state === 'Seeding' || state === 'Joining';

/** By node: bytes that the metadata of moves will take there, beside the data, as long as the move lasts. */
function metadataIn(pool: PoolName, { volumes, replicas, migrates }: ClusterView): Map<string, number> {
  const byNode = new Map<string, number>();
  for (const { spec, status } of migrates) {
    const volume = volumes.find(({ metadata }) => metadata.name === spec.volumeName)?.spec;
    if (volume?.poolName !== pool || isFinished(status?.state) || !status?.targetNode) continue;
    for (const node of [spec.sourceNode, status.targetNode]) {
      const side = replicas.find(
        (replica) => replica.spec.volumeName === spec.volumeName && replica.spec.nodeName === node,
      );
      if (isWithoutMetadata(side?.status?.pair?.state))
        byNode.set(node, (byNode.get(node) ?? 0) + metadataBytes(volume.requiredCapacityBytes));
    }
  }
  return byNode;
}
