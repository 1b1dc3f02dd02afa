import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import type { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import type { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import type { LocalVolume } from '../../api/local-volume.schema.ts';
import type { PoolName } from '../../api/names.ts';
import { noAddress, type PoolRoom, roundUpToExtent } from '../placement.ts';
import { isFinished } from './migrate-names.ts';
import type { Promised } from './promises.ts';

/** Beside the data of a volume that moves, in either pool, until the move is over. */
const moveExtraBytes = roundUpToExtent(4 * 1024 ** 2);

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
  return view.nodes.map(({ metadata: { name }, spec: { storageIP, topogoly }, status }) => {
    const found = status?.pools?.[pool];
    if (found === undefined) return { node: name, freeBytes: 0, freeVolumes: 0, closed: `has no ${pool}` };
    const closed = status?.state === 'Ready' ? noAddressOf(storageIP) : `is ${status?.state ?? 'not looked at yet'}`;
    const coming = [...(promises.get(name) ?? [])].filter(([volume]) => !found.volumes.includes(volume));
    const comingBytes = coming.reduce((sum, [, bytes]) => sum + bytes, 0);
    return {
      node: name,
      ...topogoly,
      freeBytes: Math.min(found.freeCapacityBytes, found.volumeCapacityBytesLimit) - comingBytes,
      freeVolumes: found.freeVolumeCount - coming.length,
      ...(closed === undefined ? {} : { closed }),
    };
  });
}

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
    promise(status.targetNode, spec.volumeName, volume.requiredCapacityBytes + moveExtraBytes);
  }
  for (const { node, volume, bytes } of view.promised.filter((promised) => promised.pool === pool))
    promise(node, volume, bytes);
  return byNode;
}
