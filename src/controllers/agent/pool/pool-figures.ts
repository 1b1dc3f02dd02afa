import type { LocalPool } from '../../../api/local-storage-node.schema.ts';
import type { PhysicalVolume, VolumeGroup } from '../../../api/observed/index.ts';

/**
 * What one volume takes of LVM's metadata area at most, in bytes: the text that lvm 2.03 writes for its logical volume
 * with every tag of ours, two members in sync, and names as long as Kubernetes allows, and for the volume of DRBD's
 * metadata that stands beside it while it moves. `pool-figures.test.ts` has that text.
 */
export const metadataBytesPerVolume = 2048;

/** The part of the metadata area that volumes do not get: what is there needs it for tags, moves and repairs. */
const reserve = 0.2;

/** As many as the status lists. */
const mostVolumes = 4096;

/** The area holds the text before a change and the one after it. */
const areaBytes = ({ metadataSizeBytes }: VolumeGroup): number => metadataSizeBytes / 2;

/** Less of LVM's metadata area is left than what is kept in reserve. */
export const isMetadataLow = (group: VolumeGroup): boolean => group.metadataFreeBytes < reserve * areaBytes(group);

type Figures = Pick<
  LocalPool,
  | 'totalCapacityBytes'
  | 'usedCapacityBytes'
  | 'freeCapacityBytes'
  | 'volumeCapacityBytesLimit'
  | 'totalVolumeCount'
  | 'usedVolumeCount'
  | 'freeVolumeCount'
>;

/**
 * How much a pool has and takes, in bytes and volumes. All of LVM's figures are whole extents. A volume may stand on several disks,
 * so the largest new one takes all that is free on those that LVM allocates from, but for what is to come there from disks
 * that are closed: nobody else has room for it.
 * @param isChangeable LVM takes changes of the group; otherwise there is no room at all
 */
export function poolFigures(
  group: VolumeGroup,
  disks: readonly PhysicalVolume[],
  usedVolumeCount: number,
  isChangeable: boolean,
): Figures {
  const { sizeBytes, freeBytes, extentSizeBytes } = group;
  const present = disks.filter(({ missing }) => !missing);
  const closed = present.filter(({ allocatable }) => !allocatable);
  const unusable = disks.filter(({ allocatable, missing }) => missing || !allocatable);
  const free = extentsIn(
    present.filter(({ allocatable }) => allocatable).map((disk) => disk.freeBytes),
    extentSizeBytes,
  );
  const coming = extentsIn(
    closed.map((disk) => disk.sizeBytes - disk.freeBytes),
    extentSizeBytes,
  );
  const spareBytes = group.metadataFreeBytes - reserve * areaBytes(group);
  const more = Math.min(mostVolumes - usedVolumeCount, Math.floor(spareBytes / metadataBytesPerVolume));
  const freeVolumeCount = isChangeable ? Math.max(0, more) : 0;
  return {
    totalCapacityBytes: sizeBytes,
    usedCapacityBytes: sizeBytes - freeBytes,
    // Room on a disk that takes no new volumes, or is away, is nobody's.
    freeCapacityBytes: freeBytes - unusable.reduce((sum, disk) => sum + disk.freeBytes, 0),
    volumeCapacityBytesLimit: isChangeable ? Math.max(0, free - coming) * extentSizeBytes : 0,
    totalVolumeCount: usedVolumeCount + freeVolumeCount,
    usedVolumeCount,
    freeVolumeCount,
  };
}

const extentsIn = (sizes: readonly number[], extentSizeBytes: number): number =>
  sizes.reduce((sum, bytes) => sum + Math.floor(bytes / extentSizeBytes), 0);
