/**
 * What must still be true of a device in the moment something irreversible is done to it. Kernel names move over a
 * replug, so the path alone names nothing: number and size are compared, and where they were known serial, WWN, and
 * UUID and type of a partition.
 */
export interface DeviceIdentity {
  /** Device node as last seen, e.g. `/dev/sdb`. */
  readonly path: string;
  /** `major:minor` as last seen. */
  readonly majorMinor: string;
  readonly sizeBytes: number;
  readonly serial?: string;
  readonly wwn?: string;
  /** PARTUUID of a partition. Not its own alone: a table that was copied has the same ones. */
  readonly partitionUuid?: string;
  /** What a partition is meant for, as its table says: a GUID on gpt, `0x83` and the like on dos; lower case. */
  readonly partitionType?: string;
}

/** One block device as the kernel and the udev database describe it. Nothing was read from the device for this. */
export interface BlockDevice extends DeviceIdentity {
  /** The kernel's own name, e.g. `sdb`, `dm-0`. */
  readonly kernelName: string;
  /** lsblk's word: `disk`, `part`, `lvm`, `crypt`, `loop`, `rom`, `raid1`, `mpath`, … */
  readonly type: string;
  readonly readOnly: boolean;
  readonly removable: boolean;
  readonly rotational: boolean;
  readonly model?: string;
  readonly vendor?: string;
  /** lsblk's word, e.g. `nvme`, `sata`, `virtio`. */
  readonly transport?: string;
  /** Every stable link the udev database knows (`/dev/disk/by-id/…`), sorted. Two disks of one identity share one. */
  readonly links: readonly string[];
  /** `gpt`, `dos`, … as udev cached it; of a partition, mostly of the table that it stands in. Absent proves nothing: without a udev database every disk looks empty. */
  readonly partitionTable?: string;
  /** Cached like `partitionTable`, e.g. `ext4`, `LVM2_member`; absent proves nothing. */
  readonly fileSystem?: string;
  /** Mount points of this device itself; swap is `[SWAP]`. */
  readonly mountPoints: readonly string[];
  /** Kernel names of the devices stacked on this one (sysfs `holders`), partitions not counted. */
  readonly holders: readonly string[];
  /** Kernel name of the device this one stands on (a partition's disk); absent for a whole disk. */
  readonly parent?: string;
  /** Kernel names of partitions and of everything stacked on this device. */
  readonly children: readonly string[];
  /** False when udev holds no record of this device, so that serial, WWN and signatures above are unknown. */
  readonly inUdevDatabase: boolean;
  /** The kernel made it up, as bcache and ZFS volumes are: no bus leads to it. */
  readonly virtual?: true;
}
