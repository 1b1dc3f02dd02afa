import { type Content, emptyContent } from './content.ts';

/** LVM's label. */
export interface SimulatedLabel {
  readonly uuid: string;
  /** It belongs to a group. */
  readonly used: boolean;
  /** The group is not described here, but on its other disks alone. */
  bare?: true;
  /** As many as the disk had room for when it was put into its group, or resized. */
  extents?: number;
  /** Its group was changed while the disk was away: while a volume stands on it, it counts as missing until it is restored. */
  outdated?: boolean;
}

/**
 * A disk of a simulated host, or a partition of one: whatever can be read and may hold a physical volume. Its content
 * outlives a power loss.
 */
export interface SimulatedDisk {
  kernelName: string;
  /** Another one each time it is plugged in while something still holds the old one. */
  majorMinor: string;
  sizeBytes: number;
  serial: string | undefined;
  wwn: string | undefined;
  /** Of a partition: where it stands. */
  readonly partition: SimulatedPartition | undefined;
  readonly rotational: boolean;
  readonly transport: string;
  readonly removable: boolean;
  /** Type of a device that stands on it and is no logical volume: `crypt`, `raid1`, `mpath`. */
  readonly heldBy: string | undefined;
  /** A prober fails on it, or finds what can't be. */
  unsure: boolean;
  readOnly: boolean;
  /** Reads fail; what stands on it is unknown to everyone. */
  unreadable: boolean;
  plugged: boolean;
  mountPoint: string | undefined;
  /** How it judges itself; undefined: it can't tell. */
  health: 'Passed' | 'Failed' | undefined;
  content: Content;
  /** What the last logical volume removed from it left in extents that are free now: whoever gets them finds it. */
  freed: Content;
  physicalVolume: SimulatedLabel | undefined;
}

export interface SimulatedPartition {
  readonly disk: SimulatedDisk;
  readonly number: number;
  readonly uuid: string;
  /** What it is meant for, as its gpt table says. */
  type: string;
}

/** Types of partitions, as a gpt table has them. */
export const partitionTypes = {
  linux: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  lvm: 'e6d6d379-f507-44c2-a23c-238f2a3df928',
  biosBoot: '21686148-6449-6e6f-744e-656564454649',
} as const;

/** A partition of a disk's gpt table; Linux filesystem unless told otherwise, and a share of the disk that is left. */
export interface PartitionSpec {
  readonly type?: keyof typeof partitionTypes;
  readonly sizeBytes?: number;
  readonly signature?: string;
  readonly mountPoint?: string;
}

export interface DiskOptions {
  /** Empty: the disk tells none. */
  readonly serial?: string;
  readonly wwn?: string;
  readonly rotational?: boolean;
  readonly transport?: string;
  readonly readOnly?: boolean;
  readonly removable?: boolean;
  readonly partitions?: readonly PartitionSpec[];
  readonly heldBy?: string;
  readonly unsure?: boolean;
  readonly unreadable?: boolean;
  readonly mountPoint?: string;
  readonly health?: 'Passed' | 'Failed';
  /** e.g. `ext4`, `gpt`. */
  readonly signature?: string;
  readonly data?: string;
}

/** A disk to be plugged into a simulated host; the serial is made from host and name unless given. */
export interface DiskSpec extends DiskOptions {
  readonly kernelName: string;
  readonly sizeBytes: number;
}

export const disk = (kernelName: string, sizeBytes: number, options: DiskOptions = {}): DiskSpec => ({
  kernelName,
  sizeBytes,
  ...options,
});

export function simulatedDisk(host: string, number: number, spec: DiskSpec): SimulatedDisk {
  const content = emptyContent();
  content.data = spec.data;
  const signature = spec.signature ?? (spec.partitions === undefined ? undefined : 'gpt');
  if (signature !== undefined) content.signatures.push({ type: signature, uuid: `${host}-${spec.kernelName}` });
  return {
    kernelName: spec.kernelName,
    majorMinor: `8:${number * 16}`,
    sizeBytes: spec.sizeBytes,
    serial: spec.serial === '' ? undefined : (spec.serial ?? `${host}-${spec.kernelName}`),
    wwn: spec.wwn,
    rotational: spec.rotational ?? true,
    transport: spec.transport ?? 'sata',
    removable: spec.removable ?? false,
    partition: undefined,
    heldBy: spec.heldBy,
    unsure: spec.unsure ?? false,
    readOnly: spec.readOnly ?? false,
    unreadable: spec.unreadable ?? false,
    plugged: true,
    mountPoint: spec.mountPoint,
    health: spec.health,
    content,
    freed: emptyContent(),
    physicalVolume: undefined,
  };
}

/** The partitions of a disk, which are as their disk is in all that is not theirs alone. */
export function simulatedPartitions(disk: SimulatedDisk, specs: readonly PartitionSpec[]): SimulatedDisk[] {
  return specs.map(({ type = 'linux', sizeBytes, signature, mountPoint }, index) => {
    const number = index + 1;
    const content = emptyContent();
    if (signature !== undefined) content.signatures.push({ type: signature });
    return {
      get kernelName() {
        return `${disk.kernelName}${number}`;
      },
      get majorMinor() {
        const [major, minor] = disk.majorMinor.split(':').map(Number);
        return `${major}:${(minor ?? 0) + number}`;
      },
      sizeBytes: sizeBytes ?? Math.floor(disk.sizeBytes / specs.length) - 1024 ** 2,
      serial: undefined,
      wwn: undefined,
      partition: { disk, number, uuid: `${disk.serial}-${number}`, type: partitionTypes[type] },
      rotational: disk.rotational,
      transport: '',
      removable: false,
      heldBy: undefined,
      unsure: false,
      health: undefined,
      get readOnly() {
        return disk.readOnly;
      },
      get unreadable() {
        return disk.unreadable;
      },
      get plugged() {
        return disk.plugged;
      },
      mountPoint,
      content,
      freed: emptyContent(),
      physicalVolume: undefined,
    } satisfies SimulatedDisk;
  });
}

export const pathOf = (disk: SimulatedDisk): string => `/dev/${disk.kernelName}`;
