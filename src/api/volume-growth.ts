import { isFinished } from './local-volume-migrate.schema.ts';
import type { LocalVolumeReplica } from './local-volume-replica.schema.ts';
import type { LocalVolume } from './local-volume.schema.ts';
import { type ClusterView, roomsOf } from './pool-rooms.ts';
import { roundUpToExtent } from './sizes.ts';

/** RawBlock and TooLarge will not pass; Moving and NoRoom may. */
export interface GrowthObstacle {
  readonly reason: 'RawBlock' | 'TooLarge' | 'Moving' | 'NoRoom';
  readonly message: string;
}

/** The copies that a volume's config names, and that are asked to be smaller than the volume. */
export const undersizedCopies = (
  { metadata, spec: { config, requiredCapacityBytes } }: LocalVolume,
  replicas: readonly LocalVolumeReplica[],
): LocalVolumeReplica[] =>
  replicas.filter(
    ({ spec }) =>
      spec.volumeName === metadata.name &&
      spec.volumeId === config?.volumeId &&
      config?.replicas.some(({ hostname }) => hostname === spec.nodeName) === true &&
      spec.requiredCapacityBytes < requiredCapacityBytes,
  );

/** What keeps copies of a volume from growing to the size that the volume asks for; undefined: nothing. */
export function growthObstacle(
  volume: LocalVolume,
  copies: readonly LocalVolumeReplica[],
  view: ClusterView,
): GrowthObstacle | undefined {
  const { poolName, requiredCapacityBytes: sizeBytes } = volume.spec;
  const { name } = volume.metadata;
  if (copies.some(({ status }) => status?.content === 'block'))
    return {
      reason: 'RawBlock',
      message: `${name} is used as a raw block device. These can't grow so far: what other volumes left behind would show in what is added.`,
    };
  const move = view.migrates.find(({ spec, status }) => spec.volumeName === name && !isFinished(status?.state));
  if (move !== undefined)
    return {
      reason: 'Moving',
      message: `${name} grows once its move is over: see kubectl get lvmigrate ${move.metadata.name}.`,
    };
  const rooms = roomsOf(poolName, view);
  for (const { spec, status } of copies) {
    const { nodeName } = spec;
    const hasBytes = Math.max(roundUpToExtent(spec.requiredCapacityBytes), status?.allocatedCapacityBytes ?? 0);
    const moreBytes = roundUpToExtent(sizeBytes) - hasBytes;
    const freeBytes = Math.max(0, rooms.find(({ node }) => node === nodeName)?.freeBytes ?? 0);
    if (moreBytes <= freeBytes) continue;
    const pool = view.nodes.find(({ metadata }) => metadata.name === nodeName)?.status?.pools?.[poolName];
    const where = `${poolName} of ${nodeName}`;
    const asked = `${name} can't grow from ${hasBytes} to ${sizeBytes} bytes`;
    if (pool !== undefined && sizeBytes > pool.totalCapacityBytes)
      return { reason: 'TooLarge', message: `${asked}: ${where} has ${pool.totalCapacityBytes} bytes in all.` };
    return {
      reason: 'NoRoom',
      message: `${asked}: it needs ${moreBytes} bytes more, and ${where} has ${freeBytes} free. Add a disk to the pool with a LocalDiskClaim, or move a volume away.`,
    };
  }
  return undefined;
}
