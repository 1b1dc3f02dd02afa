import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { LocalPool } from '../../../api/local-storage-node.schema.ts';
import type { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import type { FoundDisk } from '../disk/discover-disks.ts';
import type { PoolSight } from './pool-status.ts';

/** Why a pool is kept whose group is not there. */
export interface Absence {
  /** Its disks are all there, and these volumes of it are wanted; absent: a disk of it is away. */
  readonly lost?: readonly string[];
}

/** What is known of the disks and volumes of a node. */
interface Known {
  readonly found: readonly FoundDisk[];
  readonly known: readonly LocalDisk[];
  readonly replicas: readonly LocalVolumeReplica[];
}

/**
 * Why a pool is kept though its group is not there. It is away with its disks where a disk that it had is not there
 * either, and nobody deleted its LocalDisk; where all are, somebody wiped or removed it.
 * @returns undefined where the group is there, or went and nothing of it is wanted
 */
export function absenceOf(pool: LocalPool, sight: PoolSight, { found, known, replicas }: Known): Absence | undefined {
  if (isThere(pool, sight)) return undefined;
  const here = new Set(found.map((disk) => disk.known?.metadata.name));
  if (known.some((disk) => !here.has(disk.metadata.name) && isDiskOf(pool, disk))) return {};
  const lost = wantedIn(pool, known, replicas);
  return lost.length === 0 ? undefined : { lost };
}

const isThere = ({ vgUUID }: LocalPool, { groups }: PoolSight): boolean => groups.some(({ uuid }) => uuid === vgUUID);

const isDiskOf = (pool: LocalPool, { metadata, spec: { pvUUID } }: LocalDisk): boolean =>
  pool.disks.some(({ uuid, localDisk }) => metadata.name === localDisk || (uuid !== undefined && pvUUID === uuid));

/**
 * A volume that was ordered to be deleted is not wanted. One that no replica stands for is, for as long as a disk is
 * known by the physical volume that the pool had there: until a person deletes its LocalDisk.
 */
function wantedIn(
  pool: LocalPool,
  known: readonly LocalDisk[],
  replicas: readonly LocalVolumeReplica[],
): readonly string[] {
  const ofPool = replicas.filter(({ status }) => status?.volumeGroupUUID === pool.vgUUID);
  const namesOf = (isReleased: boolean): string[] =>
    ofPool.filter(({ spec }) => spec.delete === isReleased).map(({ spec }) => spec.volumeName);
  const isRemembered = known.some((disk) => disk.spec.pvUUID !== undefined && isDiskOf(pool, disk));
  const released = namesOf(true);
  const wanted = new Set([...namesOf(false), ...(isRemembered ? pool.volumes : [])]);
  return [...wanted].filter((name) => !released.includes(name)).sort();
}

/** A physical volume of a pool whose group is gone. */
export interface LostPlace {
  readonly pool: string;
  readonly pvUUID: string | undefined;
}

/**
 * What a disk is kept for that is there without what a pool had on it.
 * @param pools as they are told now, those that are kept though their groups are not there among them
 */
export function lostPlaceOf(
  disk: LocalDisk,
  pools: readonly LocalPool[],
  sight: PoolSight | undefined,
): LostPlace | undefined {
  if (sight === undefined) return undefined;
  const pool = pools.find((pool) => !isThere(pool, sight) && isDiskOf(pool, disk));
  const { pvUUID } = disk.spec;
  const place = pool?.disks.find(({ uuid, localDisk }) => localDisk === disk.metadata.name || uuid === pvUUID);
  return pool && { pool: pool.name, pvUUID: place?.uuid ?? pvUUID };
}
