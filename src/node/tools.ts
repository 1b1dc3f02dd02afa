import type {
  BlockDevice,
  DeviceIdentity,
  DiskContent,
  DiskMarks,
  DiskProbe,
  DiskReport,
  DrbdMetadata,
  DrbdModule,
  DrbdPair,
  DrbdResource,
  DrbdResourceFile,
  FileSystemUsage,
  LogicalVolume,
  Mount,
  OperatingSystem,
  PhysicalVolume,
  PhysicalVolumeReference,
  SignatureProbe,
  UsedExtents,
  VolumeGroup,
  VolumeGroupReference,
  VolumeMapping,
} from '../api/observed/index.ts';
import type { FileSystem } from '../api/file-systems.ts';

/**
 * Everything that is done on a node, behind one interface: the real tools (`hostTools`) and the simulated host both
 * have it, held together by one contract suite.
 *
 * All calls: sizes in bytes; refusals are `CommandError` with a code from `errorCodes`; a look changes nothing; a change
 * looks, acts and looks again, so that it can be repeated and returns what was seen afterwards; a change that is already
 * there is success, and one whose subject is not what the caller meant is an error and touches nothing. Changes of one
 * volume group or one DRBD resource run one after the other.
 */
export interface HostTools {
  readonly disks: DiskTools;
  readonly lvm: LvmTools;
  readonly drbd: DrbdTools;
  readonly fs: FileSystemTools;
  readonly os: OperatingSystemTools;
}

export interface OperatingSystemTools {
  /** What the host calls itself. Without an `/etc/os-release` nothing is known. */
  readonly release: (signal: AbortSignal) => Promise<OperatingSystem>;
  /** Loads the device-mapper where the kernel has it as a module. @returns whether the kernel has one then */
  readonly loadDeviceMapper: (signal: AbortSignal) => Promise<boolean>;
}

export interface DiskTools {
  /** Lists all block devices, sorted by kernel name. Reads no device. */
  readonly scan: (signal: AbortSignal) => Promise<BlockDevice[]>;

  /**
   * Reads one disk and says what is on it and who uses it. A failing read or prober is told in `readError`, it does not
   * throw.
   * @throws CommandError `DEVICE_NOT_FOUND`
   */
  readonly probe: (path: string, signal: AbortSignal) => Promise<DiskProbe>;

  /**
   * What a disk tells of itself, its health before all. One that sleeps is not woken.
   * @throws CommandError `TOOL_MISSING`, `UNEXPECTED_OUTPUT` (a smartctl older than 7)
   */
  readonly selfReport: (path: string, signal: AbortSignal) => Promise<DiskReport>;

  /**
   * Tells of each disk or partition that came, went or was written to from outside, by kernel name, until `signal`
   * aborts. Looks of this interface are no such writing. Reports get lost and come twice: they are a reason to look, and
   * no more.
   * @throws CommandError `TOOL_MISSING`, `FAILED` when nobody reports any more
   */
  readonly watch: (onChange: (kernelName: string) => void, signal: AbortSignal) => Promise<void>;

  /**
   * Reads one disk and its partitions, to be wiped or left alone. One that is in use is not read.
   * @throws CommandError `DEVICE_NOT_FOUND`
   */
  readonly content: (path: string, signal: AbortSignal) => Promise<DiskContent>;

  /**
   * Takes every signature off a disk, those of its partitions first; the data behind them stay where they are. Done
   * already when it is blank. In the same step the device's identity and users are looked at anew, and what stands on it
   * is compared with what was seen when somebody chose to wipe it: of that some may be gone, nothing may have come.
   * @throws CommandError `CONTENT_CHANGED`, `DEVICE_CHANGED`, `DEVICE_IN_USE` (also where a volume group has it),
   *   `DEVICE_UNREADABLE`, `DEVICE_NOT_FOUND`, `SIGNATURE_FOUND` (something is left that wipefs does not take off)
   */
  readonly wipe: (wanted: { device: DeviceIdentity; seen: DiskMarks }, signal: AbortSignal) => Promise<void>;
}

/** A device is a logical volume or a DRBD device, known by its path; a target is an absolute path on the host. */
export interface FileSystemTools {
  /**
   * Reads a volume and says what is on it. Not for a DRBD device that is Secondary: that can't be opened, and says so in
   * `readError`.
   * @throws CommandError `DEVICE_NOT_FOUND`
   */
  readonly probe: (device: string, signal: AbortSignal) => Promise<SignatureProbe>;

  /** Its number, `major:minor`, as mounts name it, and its size. @throws CommandError `DEVICE_NOT_FOUND` */
  readonly device: (path: string, signal: AbortSignal) => Promise<{ majorMinor: string; sizeBytes: number }>;

  /** What is mounted on the host, from block devices alone, in the order in which it was mounted. */
  readonly mounts: (signal: AbortSignal) => Promise<Mount[]>;

  /**
   * Makes a file system on a blank volume. In the same step it is looked at anew: whoever uses it, or whatever is found on
   * it, stops this. Whether it *may* be formatted (it never was) is for the caller to know.
   * @param wanted.remake one of this kind that was begun, and that nobody was ever handed, may be made anew
   * @throws CommandError `SIGNATURE_FOUND`, `DEVICE_UNREADABLE`, `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`
   */
  readonly format: (
    wanted: { device: string; fsType: FileSystem; remake?: boolean },
    signal: AbortSignal,
  ) => Promise<void>;

  /**
   * Mounts a file system, and makes the folder where there is none. Done already when that device is mounted there.
   * @throws CommandError `TARGET_IN_USE`, `MOUNT_REFUSED`, `DEVICE_NOT_FOUND`
   */
  readonly mount: (
    wanted: { device: string; target: string; fsType: FileSystem; options: readonly string[] },
    signal: AbortSignal,
  ) => Promise<void>;

  /**
   * Shows the folder `source`, which is a mount of that device, or the device itself, at another place too. Done already
   * when it is there, so read-only as asked.
   * @throws CommandError `NOT_MOUNTED`, `TARGET_IN_USE`, `MOUNT_REFUSED`, `DEVICE_NOT_FOUND`
   */
  readonly bind: (
    wanted: { device: string; source: 'device' | { folder: string }; target: string; readOnly: boolean },
    signal: AbortSignal,
  ) => Promise<void>;

  /**
   * Unmounts whatever is mounted there, and takes the empty folder or file away. Nothing there: done.
   * @throws CommandError `DEVICE_IN_USE`
   */
  readonly unmount: (target: string, signal: AbortSignal) => Promise<void>;

  /**
   * Lets a mounted file system have all of its device. Done already when it has.
   * @throws CommandError `NOT_MOUNTED`, `FAILED`
   */
  readonly grow: (wanted: { device: string; target: string; fsType: FileSystem }, signal: AbortSignal) => Promise<void>;

  /** @throws CommandError `NOT_MOUNTED` */
  readonly usage: (target: string, signal: AbortSignal) => Promise<FileSystemUsage>;

  /**
   * Overwrites the whole device with zeros, piece by piece; cut short, it has to be begun anew.
   * @param wanted.onProgress told the bytes done after each piece
   * @throws CommandError `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`, `FAILED`
   */
  readonly zero: (
    wanted: { device: string; onProgress: (doneBytes: number, ofBytes: number) => void },
    signal: AbortSignal,
  ) => Promise<void>;
}

export interface LvmTools extends PhysicalVolumeTools {
  /** Sorted by name, then UUID. Devices of DRBD are never looked into. */
  readonly volumeGroups: (signal: AbortSignal) => Promise<VolumeGroup[]>;
  /** All, also missing, duplicate and unowned ones; sorted by device. */
  readonly physicalVolumes: (signal: AbortSignal) => Promise<PhysicalVolume[]>;
  /** All of the node, sorted by group and name. LVM's own hidden volumes are left out. */
  readonly logicalVolumes: (signal: AbortSignal) => Promise<LogicalVolume[]>;
  /** What the kernel's tables of all active logical volumes name, sorted by UUID. */
  readonly mappings: (signal: AbortSignal) => Promise<VolumeMapping[]>;

  /**
   * Makes a volume group with its tags on one disk. Done already when a group of that name has all these tags and stands
   * on that device. In the same step the device's identity, users and signatures are looked at anew.
   * @throws CommandError `VG_EXISTS`, `DEVICE_CHANGED`, `DEVICE_IN_USE`, `DEVICE_UNREADABLE`, `SIGNATURE_FOUND`,
   *   `DEVICE_NOT_FOUND`, `BAD_NAME`, `BAD_TAG`
   */
  readonly createVolumeGroup: (
    wanted: { name: string; device: DeviceIdentity; tags: readonly string[] },
    signal: AbortSignal,
  ) => Promise<VolumeGroup>;

  /**
   * Adds a disk to the group of that UUID. Done already when the disk is in it. Looks at the disk as `createVolumeGroup`
   * does.
   * @throws CommandError those of `createVolumeGroup` except `VG_EXISTS`; `VG_NOT_FOUND`, `VG_CHANGED`, `PV_MISSING`,
   *   `PV_DUPLICATE`
   */
  readonly extendVolumeGroup: (
    wanted: { volumeGroup: VolumeGroupReference; device: DeviceIdentity },
    signal: AbortSignal,
  ) => Promise<VolumeGroup>;

  /** @throws CommandError `VG_NOT_FOUND`, `VG_CHANGED`, `BAD_TAG` */
  readonly changeVolumeGroupTags: (
    wanted: { volumeGroup: VolumeGroupReference; add?: readonly string[]; remove?: readonly string[] },
    signal: AbortSignal,
  ) => Promise<VolumeGroup>;

  /**
   * Takes a disk back that the group counts as missing, once it is there again and can be read. Done already when the
   * group does not miss it.
   * @throws CommandError `DEVICE_NOT_FOUND` (not back, or not of that group), `DEVICE_UNREADABLE`, `PV_DUPLICATE`,
   *   `VG_NOT_FOUND`, `VG_CHANGED`
   */
  readonly restorePhysicalVolume: (
    wanted: { volumeGroup: VolumeGroupReference; uuid: string },
    signal: AbortSignal,
  ) => Promise<VolumeGroup>;

  /**
   * Gives a disk of the group all of its device, which grew. Done already when that would not be an extent more.
   * @throws CommandError `DEVICE_NOT_FOUND`, `PV_DUPLICATE`, `PV_MISSING`, `VG_NOT_FOUND`, `VG_CHANGED`
   */
  readonly resizePhysicalVolume: (
    wanted: { volumeGroup: VolumeGroupReference; uuid: string },
    signal: AbortSignal,
  ) => Promise<VolumeGroup>;

  /**
   * Lets the kernel use the disks that those logical volumes stand on now, where its tables name others; who has one open
   * keeps it open. Those that are as they should be, or not there, are done already.
   * @throws CommandError `VG_NOT_FOUND`, `VG_CHANGED`, `FAILED`
   */
  readonly refreshLogicalVolumes: (
    wanted: { volumeGroup: VolumeGroupReference; uuids: readonly string[] },
    signal: AbortSignal,
  ) => Promise<void>;

  /**
   * Makes its logical volumes usable, as is needed after a boot. Those whose making was cut short before they were wiped
   * are removed: nobody was ever handed one.
   * @throws CommandError `VG_NOT_FOUND`, `VG_CHANGED`
   */
  readonly activateVolumeGroup: (volumeGroup: VolumeGroupReference, signal: AbortSignal) => Promise<void>;

  /**
   * Makes a linear logical volume with its tags in one command; its first 4 KiB are zeroed and old signatures in it
   * wiped. The size is rounded up to whole extents: read it from the answer. Done already when one of that name has all
   * these tags and at least that size; it is activated where it is not. Until it is wiped it carries one tag more
   * (`unwipedTag`): with all these tags and that one it was never handed out, and is removed and made anew. Whether it
   * *may* be made (it never existed before) is for the caller to know.
   * @throws CommandError `LV_NOT_OURS`, `LV_TOO_SMALL`, `NO_SPACE`, `VG_NOT_FOUND`, `VG_CHANGED`, `PV_MISSING`,
   *   `PV_DUPLICATE`, `BAD_NAME`, `BAD_SIZE`, `BAD_TAG`
   */
  readonly createLogicalVolume: (
    wanted: { volumeGroup: VolumeGroupReference; name: string; sizeBytes: number; tags: readonly string[] },
    signal: AbortSignal,
  ) => Promise<LogicalVolume>;

  /**
   * Grows to at least that size; never shrinks.
   * @throws CommandError `LV_NOT_FOUND`, `LV_CHANGED`, `NO_SPACE`, `VG_NOT_FOUND`, `VG_CHANGED`, `PV_MISSING`,
   *   `PV_DUPLICATE`, `BAD_SIZE`
   */
  readonly extendLogicalVolume: (
    wanted: { volumeGroup: VolumeGroupReference; name: string; uuid: string; sizeBytes: number },
    signal: AbortSignal,
  ) => Promise<LogicalVolume>;

  /**
   * Removes the logical volume with all it holds, if name, UUID and every required tag are those of one and the same
   * volume and nobody has it open. Not there (by name): done.
   * @throws CommandError `LV_CHANGED`, `LV_NOT_OURS`, `DEVICE_IN_USE`, `VG_NOT_FOUND`, `VG_CHANGED`
   */
  readonly removeLogicalVolume: (
    wanted: {
      volumeGroup: VolumeGroupReference;
      name: string;
      uuid: string;
      requireTags: readonly [string, ...string[]];
    },
    signal: AbortSignal,
  ) => Promise<void>;

  /** Adds and removes in one command. @throws CommandError `LV_NOT_FOUND`, `LV_CHANGED`, `VG_NOT_FOUND`, `VG_CHANGED`, `BAD_TAG` */
  readonly changeLogicalVolumeTags: (
    wanted: {
      volumeGroup: VolumeGroupReference;
      name: string;
      uuid: string;
      add?: readonly string[];
      remove?: readonly string[];
    },
    signal: AbortSignal,
  ) => Promise<LogicalVolume>;
}

/** What is done to the disks of a group. Each is known by the UUID of its physical volume, and must be at its device. */
export interface PhysicalVolumeTools {
  /** What stands where on all physical volumes, free room left out; sorted by physical volume and place. */
  readonly usedExtents: (signal: AbortSignal) => Promise<UsedExtents[]>;

  /**
   * Opens a disk to new volumes, or closes it; what stands there stays.
   * @throws CommandError `PV_NOT_FOUND`, `DEVICE_CHANGED`, `VG_NOT_FOUND`, `VG_CHANGED`, `PV_MISSING`, `PV_DUPLICATE`
   */
  readonly changeAllocation: (
    wanted: {
      volumeGroup: VolumeGroupReference;
      physicalVolume: PhysicalVolumeReference;
      allocatable: boolean;
    },
    signal: AbortSignal,
  ) => Promise<PhysicalVolume>;

  /**
   * Moves extents of a volume to another disk of its group while it is in use; done already when the volume has none of
   * them. Changes of the group don't wait for it, but the volume itself can't be grown or removed meanwhile. After
   * `TIMED_OUT` and `ABORTED` the move is under way: it is ended by `finishMove` or `abortMove`, before any other.
   * @throws CommandError those of `changeAllocation`; `LV_MOVING` (a move off that disk is under way), `LV_CHANGED`,
   *   `PV_IN_USE` (not a plain linear volume), `NO_SPACE`, `KERNEL_TARGET_MISSING`
   */
  readonly moveExtents: (
    wanted: {
      volumeGroup: VolumeGroupReference;
      volume: { name: string; uuid: string };
      from: PhysicalVolumeReference;
      first: number;
      count: number;
      to: PhysicalVolumeReference;
    },
    signal: AbortSignal,
  ) => Promise<void>;

  /** Ends a move off that disk that was cut short; none: done. @throws CommandError those of `moveExtents` */
  readonly finishMove: (
    wanted: { volumeGroup: VolumeGroupReference; from: PhysicalVolumeReference },
    signal: AbortSignal,
  ) => Promise<void>;

  /** Takes a move off that disk back that was cut short; none: done. @throws CommandError those of `changeAllocation` */
  readonly abortMove: (
    wanted: { volumeGroup: VolumeGroupReference; from: PhysicalVolumeReference },
    signal: AbortSignal,
  ) => Promise<void>;

  /**
   * Takes an empty disk out of its group; in no group: done already.
   * @throws CommandError those of `changeAllocation`; `PV_IN_USE` (something stands on it, or it is the only one)
   */
  readonly reduceVolumeGroup: (
    wanted: { volumeGroup: VolumeGroupReference; physicalVolume: PhysicalVolumeReference },
    signal: AbortSignal,
  ) => Promise<VolumeGroup>;

  /**
   * Wipes the label of a physical volume that no group has; none there: done. Looks at the disk as `createVolumeGroup`
   * does, in the same step.
   * @throws CommandError `PV_IN_USE` (a group has it), `DEVICE_CHANGED`, `DEVICE_IN_USE`, `DEVICE_UNREADABLE`,
   *   `SIGNATURE_FOUND`, `DEVICE_NOT_FOUND`, `PV_DUPLICATE`
   */
  readonly removePhysicalVolume: (
    wanted: { uuid: string; device: DeviceIdentity },
    signal: AbortSignal,
  ) => Promise<void>;
}

/**
 * What the kernel runs is changed only if a resource file of ours describes it, by its name and its minor. One whose file
 * somebody deleted is ours again once `writeResource` has written it anew.
 */
export interface DrbdTools {
  readonly module: (signal: AbortSignal) => Promise<DrbdModule>;
  /** Loads the module where the host has it, as an agent does at its start; not there: `loaded` stays false. */
  readonly load: (signal: AbortSignal) => Promise<DrbdModule>;
  /** What the kernel runs, sorted by name; empty when the module is not loaded. */
  readonly resources: (signal: AbortSignal) => Promise<DrbdResource[]>;
  /** What the configuration directory holds, sorted by path. */
  readonly resourceFiles: (signal: AbortSignal) => Promise<DrbdResourceFile[]>;

  /**
   * Writes the resource file, whole or not at all, and so that it outlives a power loss.
   * @throws CommandError `DRBD_FILE_NOT_OURS` (also where another file describes that name), `DRBD_ADDRESS_IN_USE` (another
   *   file has the minor or the port), `DRBD_BAD_CONFIG`, `BAD_NAME`
   */
  readonly writeResource: (pair: DrbdPair, signal: AbortSignal) => Promise<void>;
  /** Removes our resource file of a resource that is down. @throws CommandError `DRBD_FILE_NOT_OURS`, `DEVICE_IN_USE` */
  readonly removeResource: (name: string, signal: AbortSignal) => Promise<void>;

  /** What stands on that metadata device. @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE` */
  readonly metadata: (place: { minor: number; device: string }, signal: AbortSignal) => Promise<DrbdMetadata>;
  /**
   * Writes fresh metadata. Refuses where some stand already, unless `overwrite`, which loses their history; never while
   * they are attached, and never over a file system. Metadata that were made and never used count as fresh: done
   * already.
   * @throws CommandError `DRBD_METADATA_EXISTS`, `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`, `SIGNATURE_FOUND`,
   *   `DEVICE_UNREADABLE`
   */
  readonly createMetadata: (
    place: { minor: number; device: string; overwrite?: boolean },
    signal: AbortSignal,
  ) => Promise<DrbdMetadata>;
  /** Destroys the metadata on that device; none there: done. @throws CommandError `DEVICE_IN_USE`, `DEVICE_NOT_FOUND` */
  readonly wipeMetadata: (place: { minor: number; device: string }, signal: AbortSignal) => Promise<void>;

  /**
   * Makes the kernel run what the resource file says: attaches, connects, changes options. Can be repeated.
   * @throws CommandError `DRBD_UNKNOWN_RESOURCE` (no file), `DRBD_NO_METADATA`, `DRBD_NOT_LOADED`, `DEVICE_NOT_FOUND`,
   *   `DRBD_ADDRESS_IN_USE`, `DRBD_RESOURCE_NOT_OURS`
   */
  readonly adjust: (name: string, signal: AbortSignal) => Promise<DrbdResource>;
  /**
   * Declares this side's data good and makes it Primary. Destroys the other side's claim: only for the saved step
   * `Seed` of a move's source, or an empty volume's first side.
   * @throws CommandError `DRBD_PEER_IS_PRIMARY`, `DRBD_UNKNOWN_RESOURCE`, `DRBD_NO_UP_TO_DATE_DATA` (diskless),
   *   `DRBD_RESOURCE_NOT_OURS`
   */
  readonly promoteByForce: (name: string, signal: AbortSignal) => Promise<DrbdResource>;
  /**
   * Makes it Primary, so that it can be opened. While a resync runs to it, what is not here yet is read from the peer.
   * @throws CommandError `DRBD_PEER_IS_PRIMARY`, `DRBD_NO_UP_TO_DATE_DATA` (no good data within reach),
   *   `DRBD_UNKNOWN_RESOURCE`, `DRBD_RESOURCE_NOT_OURS`
   */
  readonly promote: (name: string, signal: AbortSignal) => Promise<DrbdResource>;
  /** Makes it Secondary. @throws CommandError `DEVICE_IN_USE` while it is open, `DRBD_UNKNOWN_RESOURCE`, `DRBD_RESOURCE_NOT_OURS` */
  readonly demote: (name: string, signal: AbortSignal) => Promise<DrbdResource>;
  /**
   * Leaves the peer; stays StandAlone until adjusted.
   * @throws CommandError `DRBD_UNKNOWN_RESOURCE`, `DRBD_REFUSED_BY_PEER`, `DRBD_RESOURCE_NOT_OURS`
   */
  readonly disconnect: (name: string, signal: AbortSignal) => Promise<DrbdResource>;
  /**
   * Stops it; repeated until the kernel no longer knows it. Not running: done.
   * @throws CommandError `DEVICE_IN_USE` while it is open, `DRBD_REFUSED_BY_PEER` when the peer needs this side's data,
   *   `DRBD_RESOURCE_NOT_OURS`
   */
  readonly down: (name: string, signal: AbortSignal) => Promise<void>;
}
