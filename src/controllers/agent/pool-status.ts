import type { LocalPool } from '../../api/local-storage-node.schema.ts';
import { isPoolName, metadataVolumeName, poolClassOf } from '../../api/names.ts';
import type { LogicalVolume, PhysicalVolume, VolumeGroup } from '../../api/observed/index.ts';
import { parseLogicalVolumeTags, parseVolumeGroupTags } from '../../api/tags.ts';

/** As many volumes as a pool takes: LVM's own metadata area has room for about twice as many. */
const maxVolumes = 1000;

export interface PoolSight {
  readonly groups: readonly VolumeGroup[];
  readonly physicalVolumes: readonly PhysicalVolume[];
  readonly logicalVolumes: readonly LogicalVolume[];
}

/** A volume group of a pool's name that carries this cluster's tag. */
export const isOurPool = ({ name, tags }: VolumeGroup, clusterId: string): boolean =>
  isPoolName(name) && parseVolumeGroupTags(tags).tags.cluster === clusterId;

/** The pools of a node. */
export const poolsOf = (sight: PoolSight, clusterId: string): Record<string, LocalPool> =>
  Object.fromEntries(
    sight.groups.filter((group) => isOurPool(group, clusterId)).map((group) => [group.name, poolOf(group, sight)]),
  );

/** Groups that were made by hand as the pools' names say, and that no cluster marked: they are adopted on sight. */
export const adoptable = ({ groups }: PoolSight): VolumeGroup[] =>
  groups.filter((group) => {
    const { tags, problems } = parseVolumeGroupTags(group.tags);
    const isAlone = groups.filter(({ name }) => name === group.name).length === 1;
    return isPoolName(group.name) && isAlone && Object.keys(tags).length === 0 && problems.length === 0;
  });

function poolOf(group: VolumeGroup, { physicalVolumes, logicalVolumes }: PoolSight): LocalPool {
  if (!isPoolName(group.name)) throw new Error(`${group.name} is not the name of a pool`);
  const type = poolClassOf(group.name);
  const volumes = logicalVolumes.filter(({ volumeGroup }) => volumeGroup.uuid === group.uuid);
  // The metadata volume of a pair belongs to its data volume.
  const names = volumes.map(({ name }) => name);
  const shown = names.filter((name) => !names.some((other) => metadataVolumeName(other) === name)).sort();
  const disks = physicalVolumes.filter((disk) => disk.volumeGroup?.uuid === group.uuid);
  const closed = disks.filter(({ allocatable, missing }) => !allocatable && !missing);
  // Room on a disk that takes no new volumes is nobody's, and what stands there needs room on the others.
  const freeBytes = group.freeBytes - closed.reduce((sum, disk) => sum + disk.freeBytes, 0);
  const comingBytes = closed.reduce((sum, disk) => sum + disk.sizeBytes - disk.freeBytes, 0);
  const healthy = group.missingPhysicalVolumeCount === 0;
  return {
    name: group.name,
    class: type,
    type: 'REGULAR',
    path: `/dev/${group.name}`,
    vgUUID: group.uuid,
    totalCapacityBytes: group.sizeBytes,
    usedCapacityBytes: group.sizeBytes - group.freeBytes,
    freeCapacityBytes: freeBytes,
    // A group with a missing disk takes no change at all.
    volumeCapacityBytesLimit: healthy ? Math.max(0, freeBytes - comingBytes) : 0,
    totalVolumeCount: maxVolumes,
    usedVolumeCount: shown.length,
    freeVolumeCount: Math.max(0, maxVolumes - shown.length),
    disks: disks.map(({ device, deviceSizeBytes, sizeBytes, missing }) => ({
      devPath: device,
      type,
      capacityBytes: deviceSizeBytes === 0 ? sizeBytes : deviceSizeBytes,
      state: missing ? ('Offline' as const) : ('InUse' as const),
    })),
    volumes: shown.filter((name) => isOurs(volumes, name)),
  };
}

const isOurs = (volumes: readonly LogicalVolume[], name: string): boolean =>
  volumes.some((volume) => volume.name === name && parseLogicalVolumeTags(volume.tags).tags.role === 'data');
