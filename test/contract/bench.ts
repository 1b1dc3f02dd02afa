import type { HostTools } from '../../src/node/tools.ts';
import type { DeviceIdentity, VolumeGroupReference } from '../../src/api/observed/index.ts';
import { type ErrorCode, isCommandError } from '../../src/node/errors.ts';

/** One host under the contract: its tools, and what a person or a pod could do on it. */
export interface ContractHost {
  readonly node: string;
  readonly ip: string;
  readonly tools: HostTools;
  /** Two blank disks of at least 512 MiB. */
  readonly disks: readonly [string, string];
  makeFileSystem(path: string, type: 'ext4'): Promise<void>;
  /** Writes a gpt table onto a disk with one partition of type Linux LVM that has all of it. @returns its path */
  makePartition(disk: string): Promise<string>;
  /** Keeps a device open until the returned function is called. */
  hold(path: string): Promise<() => Promise<void>>;
  /** Of the first MiB of a disk. */
  fingerprint(path: string): Promise<string>;
  /** Writes a word into a volume, durably. */
  write(path: string, word: string): Promise<void>;
  /** The word that was written, or something else where there is none. */
  read(path: string): Promise<string | undefined>;
  /** Leaves what is left of an lvcreate that died after it recorded a volume and before it wiped it. */
  interruptCreation(wanted: {
    volumeGroup: VolumeGroupReference;
    name: string;
    sizeBytes: number;
    tags: readonly string[];
  }): Promise<void>;
  /** Leaves what is left of a pvmove that was killed in the middle: the first extents of a volume, off its only disk. */
  interruptMove(wanted: { volume: string; from: string; extents: number; to: string }): Promise<void>;
  /** Takes a logical volume out of the kernel; nobody has it open. */
  deactivate(path: string): Promise<void>;
  /** Lets I/O on an active logical volume wait until the returned function is called. */
  suspend(path: string): Promise<() => Promise<void>>;
  /** Puts a mapped device of somebody else's onto a disk whose I/O waits, until the returned function is called. */
  coverSuspended(disk: string): Promise<() => Promise<void>>;
  /** Keeps lvm's lock of a volume group, as a command of it that hangs does, until the returned function is called. */
  lockGroup(name: string): Promise<() => Promise<void>>;
  /** Lets a disk answer every read with an error until the returned function is called. */
  failReads(disk: string): Promise<() => Promise<void>>;
  /** Lets a physical volume have 256 MiB of its disk alone, as a person may. */
  shrinkPhysicalVolume(disk: string): Promise<void>;
  /** Lets the group of a disk be described on its other disks alone. */
  leaveOutMetadata(disk: string): Promise<void>;
  /** Makes the second of two disks a byte copy of the first, as far as LVM looks. */
  copyDisk(from: string, to: string): Promise<void>;
  /** Off and on again, without a warning. */
  powerLoss(): Promise<void>;
  /** Puts a resource file there that somebody else wrote; a name, minor and port that are left out are like no other. */
  addForeignResourceFile(path: string, about: { name?: string; minor?: number; port?: number }): Promise<void>;
  /** Deletes a file in DRBD's configuration folder, as a person may. */
  deleteResourceFile(path: string): Promise<void>;
  /** Lets the kernel run a resource of somebody else, without a file, a disk or a peer. */
  runForeignResource(name: string, minor: number): Promise<void>;
}

/** Two hosts joined by a cable. */
export interface ContractPair {
  readonly hosts: readonly [ContractHost, ContractHost];
  cut(): Promise<void>;
  heal(): Promise<void>;
  /** Lets some time go by, so that kernels get on with their work. */
  passTime(): Promise<void>;
}

/** Gives hosts with blank disks, nothing running and the cable in. */
export type FreshHosts = () => Promise<ContractPair>;

/** No caller of the contract gives up by itself. */
export const signal: AbortSignal = new AbortController().signal;

export const tags = ['hwameistor.io/cluster=c1', 'hwameistor.io/volume=v1'] as const;

/** The disk at that path as the host shows it now. */
export async function identityOf({ tools }: ContractHost, path: string): Promise<DeviceIdentity> {
  const device = (await tools.disks.scan(signal)).find((device) => device.path === path);
  if (device === undefined) throw new Error(`no device ${path}`);
  const { majorMinor, sizeBytes, serial, wwn } = device;
  return {
    path,
    majorMinor,
    sizeBytes,
    ...(serial === undefined ? {} : { serial }),
    ...(wwn === undefined ? {} : { wwn }),
  };
}

/** A pool on the first disk. */
export async function createPool(host: ContractHost, name = 'LocalStorage_PoolHDD') {
  const device = await identityOf(host, host.disks[0]);
  return host.tools.lvm.createVolumeGroup({ name, device, tags: [tags[0]] }, signal);
}

/** The code a promise is refused with; `done` when it is not. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'done'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (isCommandError(error)) return error.code;
    throw error;
  }
}

/** Looks again and again, time passing in between, until it is so; fails with what was seen last. */
export async function eventually<T>(
  pair: ContractPair,
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
): Promise<T> {
  let seen = await look();
  for (let tries = 0; tries < 200 && !isSo(seen); tries++) {
    await pair.passTime();
    seen = await look();
  }
  if (!isSo(seen)) throw new Error(`never came true; last seen: ${JSON.stringify(seen)}`);
  return seen;
}
