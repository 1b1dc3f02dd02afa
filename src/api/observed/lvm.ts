/** A volume group by name and UUID: names can be given twice, UUIDs are kept by whoever met the group first. */
export interface VolumeGroupReference {
  readonly name: string;
  readonly uuid: string;
}

export interface VolumeGroup extends VolumeGroupReference {
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly extentSizeBytes: number;
  readonly physicalVolumeCount: number;
  readonly logicalVolumeCount: number;
  /** Physical volumes that belong to the group and are not there now; above 0 every change is refused. */
  readonly missingPhysicalVolumeCount: number;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Room left in LVM's own metadata area, in bytes: each logical volume takes a few hundred. */
  readonly metadataFreeBytes: number;
  readonly metadataSizeBytes: number;
}

export interface PhysicalVolume {
  /** Device path, or `[unknown]` when the device is missing. */
  readonly device: string;
  readonly uuid: string;
  /** Absent for a physical volume that belongs to no group, or to one that is away. */
  readonly volumeGroup?: VolumeGroupReference;
  /** A group has it that is described on other disks alone, and none of those is there: nobody knows which group. */
  readonly groupAway?: true;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  /** Size of the device below, in bytes; 0 when it is missing. */
  readonly deviceSizeBytes: number;
  /** Where its first extent begins, in bytes from the start of the device: LVM's label and metadata area stand before. */
  readonly firstExtentBytes: number;
  /** `major:minor` of the device; absent when it is missing. */
  readonly majorMinor?: string;
  readonly allocatable: boolean;
  /** The group counts it as missing: with a `device` it is back, and the group was changed while it was away. */
  readonly missing: boolean;
  /** Another device carries the same UUID (a byte copy): LVM refuses every change of the group. */
  readonly duplicate: boolean;
}

/** A physical volume by UUID, and the device that it was met on: lvm's commands take devices. */
export interface PhysicalVolumeReference {
  readonly device: string;
  readonly uuid: string;
}

/** Extents of one physical volume, side by side, that belong to one logical volume. */
export interface UsedExtents {
  /** UUIDs. */
  readonly volumeGroup: string;
  readonly physicalVolume: string;
  /** Counted from 0. */
  readonly first: number;
  readonly count: number;
  readonly volume: { readonly name: string; readonly uuid: string };
  /**
   * `plain`: of a linear volume that everyone sees. `moving`: of the hidden volume by which lvm moves what stood here, or
   * comes here. `other`: stripes, and parts of thin pools, mirrors and the like.
   */
  readonly kind: 'plain' | 'moving' | 'other';
  /** UUID of the physical volume that is being emptied of them; of `moving` ones alone. */
  readonly movedFrom?: string;
}

export interface LogicalVolume {
  readonly name: string;
  readonly uuid: string;
  readonly volumeGroup: VolumeGroupReference;
  readonly sizeBytes: number;
  /** `/dev/<group>/<name>`. */
  readonly path: string;
  /** `/dev/mapper/…` with every hyphen of group and name doubled. */
  readonly deviceMapperPath: string;
  /** It can be used: it is activated, and its making was not cut short before it was wiped. */
  readonly active: boolean;
  /** Something has it open: a mount, DRBD, another device-mapper device, a process. */
  readonly open: boolean;
  readonly suspended: boolean;
  /** lvm's word: empty when healthy, else `partial`, `snapshot invalid`, `out_of_data`, … */
  readonly health: string;
  /** Sorted. */
  readonly tags: readonly string[];
  /** lvm's words, e.g. `linear`, `thin,pool`. */
  readonly layout: string;
  /** `major:minor` while active. */
  readonly majorMinor?: string;
}

/** What the kernel's table of one active logical volume names. */
export interface VolumeMapping {
  /** Of the logical volume. */
  readonly uuid: string;
  /** `major:minor` of each device below, sorted. */
  readonly devices: readonly string[];
}

/**
 * Whether the kernel still sends a volume's reads and writes to a device that is no disk of its group any more: a disk
 * that was away comes back as another device, and the table names the dead one until it is loaded anew.
 */
export function isStale(
  { majorMinor, health, volumeGroup }: LogicalVolume,
  mapping: VolumeMapping | undefined,
  physicalVolumes: readonly PhysicalVolume[],
): boolean {
  if (majorMinor === undefined || mapping === undefined || health !== '') return false;
  const majorOf = (number: string): string => number.split(':', 1)[0] ?? '';
  const disks = physicalVolumes.filter((physical) => physical.volumeGroup?.uuid === volumeGroup.uuid);
  // A volume may stand on hidden ones of lvm's own.
  const below = mapping.devices.filter((number) => majorOf(number) !== majorOf(majorMinor));
  return below.some((number) => !disks.some((disk) => disk.majorMinor === number));
}

/** How many extents more a physical volume would have if it had all of its device. */
export function growthExtents(
  { deviceSizeBytes, firstExtentBytes, sizeBytes }: PhysicalVolume,
  { extentSizeBytes }: VolumeGroup,
): number {
  const roomBytes = deviceSizeBytes - firstExtentBytes - sizeBytes;
  return Math.max(0, Math.floor(roomBytes / extentSizeBytes));
}
