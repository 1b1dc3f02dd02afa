import type { LocalPool, PoolDisk } from '../../../api/local-storage-node.schema.ts';
import { metadataVolumeName, poolClassOf, type PoolName } from '../../../api/names.ts';
import {
  isStale,
  type LogicalVolume,
  type PhysicalVolume,
  type VolumeGroup,
  type VolumeMapping,
} from '../../../api/observed/index.ts';
import { parseLogicalVolumeTags } from '../../../api/tags.ts';
import type { FoundDisk } from '../disk/discover-disks.ts';
import { poolFigures } from './pool-figures.ts';

/** All that LVM and the kernel show of the groups of a node. */
export interface PoolSight {
  readonly groups: readonly VolumeGroup[];
  readonly physicalVolumes: readonly PhysicalVolume[];
  readonly logicalVolumes: readonly LogicalVolume[];
  readonly mappings: readonly VolumeMapping[];
}

/** What is there of one group. */
export interface GroupSight {
  readonly group: VolumeGroup;
  readonly disks: readonly PhysicalVolume[];
  readonly volumes: readonly LogicalVolume[];
  /** Volumes whose reads and writes still go to a device that is dead. */
  readonly stale: readonly LogicalVolume[];
}

export function groupSight(group: VolumeGroup, sight: PoolSight): GroupSight {
  const volumes = sight.logicalVolumes.filter(({ volumeGroup }) => volumeGroup.uuid === group.uuid);
  const mappingOf = (volume: LogicalVolume) => sight.mappings.find(({ uuid }) => uuid === volume.uuid);
  return {
    group,
    disks: sight.physicalVolumes.filter(({ volumeGroup }) => volumeGroup?.uuid === group.uuid),
    volumes,
    stale: volumes.filter((volume) => isStale(volume, mappingOf(volume), sight.physicalVolumes)),
  };
}

/**
 * What the status says of a pool that is there.
 * @param before what it said last, where a disk that is away now is still described
 * @param isChangeable nothing is wrong with the group, so LVM takes changes of it
 */
export function presentPool(
  name: PoolName,
  { group, disks, volumes, stale }: GroupSight,
  {
    before,
    found,
    isChangeable,
  }: { before: LocalPool | undefined; found: readonly FoundDisk[]; isChangeable: boolean },
): LocalPool {
  // The metadata volume of a pair belongs to its data volume.
  const names = volumes.map((volume) => volume.name);
  const dataNameOf = (name: string): string => names.find((other) => metadataVolumeName(other) === name) ?? name;
  const shown = [...new Set(names.map(dataNameOf))].sort();
  const hurt = volumes.filter((volume) => volume.health !== '' || stale.includes(volume));
  return {
    name,
    class: poolClassOf(name),
    type: 'REGULAR',
    path: `/dev/${name}`,
    vgUUID: group.uuid,
    ...poolFigures(group, disks, shown.length, isChangeable),
    disks: disks.map((disk) => diskOf(disk, { before, found, type: poolClassOf(name) })),
    volumes: shown.filter((name) => isOurs(volumes, name)),
    ...hurtVolumes(hurt.map((volume) => dataNameOf(volume.name))),
  };
}

/** What the status says of a pool that can't be looked at: what it said last, and that there is no room. */
export const closedPool = (before: LocalPool): LocalPool => ({
  ...before,
  volumeCapacityBytesLimit: 0,
  totalVolumeCount: before.usedVolumeCount,
  freeVolumeCount: 0,
});

/** What the status says of a pool whose group is not there, away with its disks or lost: none of its volumes is. */
export const awayPool = (before: LocalPool, volumes: readonly string[] = before.volumes): LocalPool => ({
  ...closedPool(before),
  disks: before.disks.map((disk) => ({ ...disk, state: 'Offline' })),
  volumes: [...volumes],
  ...hurtVolumes(volumes),
});

const hurtVolumes = (names: readonly string[]): Pick<LocalPool, 'hurtVolumes'> =>
  names.length === 0 ? {} : { hurtVolumes: [...new Set(names)].sort() };

function diskOf(
  { device, uuid, deviceSizeBytes, sizeBytes, missing, majorMinor }: PhysicalVolume,
  { before, found, type }: { before: LocalPool | undefined; found: readonly FoundDisk[]; type: string },
): PoolDisk {
  const last = before?.disks.find((disk) => disk.uuid === uuid);
  const state = missing ? 'Offline' : 'InUse';
  if (majorMinor === undefined) return { ...last, devPath: last?.devPath ?? device, type, state, uuid };
  const disk = found.find(({ device: { path } }) => path === device);
  // One that is pulled while it is looked at may be in LVM's list and no longer among the disks.
  const localDisk = disk?.known?.metadata.name ?? last?.localDisk;
  const serialNumber = disk?.disk?.device.serial ?? disk?.device.serial ?? last?.serialNumber;
  return {
    devPath: device,
    type,
    capacityBytes: deviceSizeBytes === 0 ? sizeBytes : deviceSizeBytes,
    state,
    uuid,
    ...(localDisk === undefined ? {} : { localDisk }),
    ...(serialNumber === undefined ? {} : { serialNumber: serialNumber.slice(0, 256) }),
  };
}

const isOurs = (volumes: readonly LogicalVolume[], name: string): boolean =>
  volumes.some((volume) => volume.name === name && parseLogicalVolumeTags(volume.tags).tags.role === 'data');
