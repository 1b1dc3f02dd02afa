import { type Content, emptyContent } from './content.ts';

/** A disk of a simulated host. Its content outlives a power loss. */
export interface SimulatedDisk {
  readonly kernelName: string;
  readonly majorMinor: string;
  readonly sizeBytes: number;
  readonly serial: string | undefined;
  readonly wwn: string | undefined;
  readonly rotational: boolean;
  readonly transport: string;
  readonly removable: boolean;
  partitions: number;
  /** Type of a device that stands on it and is no logical volume: `crypt`, `raid1`, `mpath`. */
  readonly heldBy: string | undefined;
  /** A prober fails on it, or finds what can't be. */
  unsure: boolean;
  readOnly: boolean;
  /** Reads fail; what stands on it is unknown to everyone. */
  unreadable: boolean;
  plugged: boolean;
  mountPoint: string | undefined;
  content: Content;
  /** What the last logical volume removed from it left in extents that are free now: whoever gets them finds it. */
  freed: Content;
  /** LVM label. `used`: it belongs to a group. */
  physicalVolume: { uuid: string; used: boolean } | undefined;
}

export interface DiskOptions {
  readonly serial?: string;
  readonly wwn?: string;
  readonly rotational?: boolean;
  readonly transport?: string;
  readonly readOnly?: boolean;
  readonly removable?: boolean;
  readonly partitions?: number;
  readonly heldBy?: string;
  readonly unsure?: boolean;
  readonly unreadable?: boolean;
  readonly mountPoint?: string;
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
  if (spec.signature !== undefined)
    content.signatures.push({ type: spec.signature, uuid: `${host}-${spec.kernelName}` });
  return {
    kernelName: spec.kernelName,
    majorMinor: `8:${number * 16}`,
    sizeBytes: spec.sizeBytes,
    serial: spec.serial ?? `${host}-${spec.kernelName}`,
    wwn: spec.wwn,
    rotational: spec.rotational ?? true,
    transport: spec.transport ?? 'sata',
    removable: spec.removable ?? false,
    partitions: spec.partitions ?? 0,
    heldBy: spec.heldBy,
    unsure: spec.unsure ?? false,
    readOnly: spec.readOnly ?? false,
    unreadable: spec.unreadable ?? false,
    plugged: true,
    mountPoint: spec.mountPoint,
    content,
    freed: emptyContent(),
    physicalVolume: undefined,
  };
}

export const pathOf = (disk: SimulatedDisk): string => `/dev/${disk.kernelName}`;
