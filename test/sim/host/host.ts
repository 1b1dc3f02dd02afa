import type { HostTools } from '../../../src/node/tools.ts';
import { simulatedDiskTools, simulatedFileSystemTools } from './block.ts';
import { type Content, emptyContent, freshMetadata } from './content.ts';
import { type DiskSpec, type SimulatedDisk, simulatedDisk } from './disk.ts';
import { simulatedDrbdTools } from './drbd.ts';
import { simulatedLvmTools } from './lvm.ts';
import type { Machine } from './machine.ts';
import type { Replication } from './replication.ts';
import { freshKernel, sizeOf, type SimulatedVolume } from './state.ts';
import type { DrbdPair } from '../../../src/api/observed/index.ts';

/** One simulated node: the tools an agent gets, and what a test does to the machine and sees in it. */
export class SimulatedHost {
  readonly name: string;
  readonly tools: HostTools;
  readonly #machine: Machine;
  readonly #replication: Replication;

  constructor(machine: Machine, replication: Replication) {
    this.name = machine.name;
    this.#machine = machine;
    this.#replication = replication;
    this.tools = {
      disks: simulatedDiskTools(machine),
      lvm: simulatedLvmTools(machine),
      drbd: simulatedDrbdTools(machine, replication),
      fs: simulatedFileSystemTools(machine),
    };
  }

  get isOn(): boolean {
    return this.#machine.on;
  }

  // Faults and the work of people.

  /** Power loss: the kernel's state is gone, what stood on disks stays. */
  powerOff(): void {
    this.#machine.kernel = freshKernel();
    this.#machine.on = false;
    this.#replication.catchUp();
  }

  /**
   * Boots, with no DRBD resource running. udev and systemd activate every volume group they find, whoever's it is; a host
   * without them `activates` none.
   */
  boot({ activates = true }: { activates?: boolean } = {}): void {
    this.#machine.on = true;
    if (!activates) return;
    for (const { volumes } of this.#machine.persistent.groups)
      for (const volume of volumes.values()) if (this.#machine.isActivatable(volume)) this.#machine.activate(volume);
  }

  addDisk(spec: DiskSpec): void {
    const { disks } = this.#machine.persistent;
    disks.push(simulatedDisk(this.name, disks.length, spec));
    this.#report(spec.kernelName);
  }

  unplug(kernelName: string): void {
    this.#disk(kernelName).plugged = false;
    this.#report(kernelName);
  }

  plug(kernelName: string): void {
    this.#disk(kernelName).plugged = true;
    this.#report(kernelName);
  }

  /** Changes what a disk is or does; nobody reports that. */
  changeDisk(
    kernelName: string,
    change: Partial<Pick<SimulatedDisk, 'unreadable' | 'readOnly' | 'mountPoint' | 'health'>>,
  ): void {
    Object.assign(this.#disk(kernelName), change);
  }

  /** A person wipes a disk: no label, no signature, no data. */
  wipeDisk(kernelName: string): void {
    const disk = this.#disk(kernelName);
    const uuid = disk.physicalVolume?.uuid;
    const { persistent, kernel } = this.#machine;
    disk.content = emptyContent();
    disk.freed = emptyContent();
    disk.physicalVolume = undefined;
    this.#report(kernelName);
    for (const group of persistent.groups)
      if (uuid !== undefined && group.physicalVolumes.has(uuid) && group.physicalVolumes.size === 1) {
        persistent.groups = persistent.groups.filter((other) => other !== group);
        for (const volume of group.volumes.values()) kernel.active.delete(volume.uuid);
      }
  }

  /** Byte copy of one disk onto another, labels and all. */
  cloneDisk(from: string, to: string): void {
    const [source, copy] = [this.#disk(from), this.#disk(to)];
    copy.content = { ...source.content, signatures: [...source.content.signatures] };
    copy.freed = { ...source.freed, signatures: [...source.freed.signatures] };
    copy.physicalVolume = source.physicalVolume;
    this.#report(to);
  }

  /** Somebody else's file in DRBD's configuration folder. */
  addForeignResourceFile(path: string, about: Partial<Pick<DrbdPair, 'name' | 'minor' | 'port'>>): void {
    this.#machine.persistent.resourceFiles.set(path, { ours: false, pair: this.#foreignPair(about) });
  }

  deleteResourceFile(path: string): void {
    this.#machine.persistent.resourceFiles.delete(path);
  }

  /** Somebody else's resource, without a file and without a disk. */
  runForeignResource(name: string, minor: number): void {
    const volume = (): SimulatedVolume => ({
      name: 'none',
      uuid: 'none',
      segments: [],
      tags: new Set(),
      content: { ...emptyContent(), drbd: freshMetadata() },
    });
    this.#machine.kernel.running.set(name, {
      host: this.name,
      pair: this.#foreignPair({ name, minor }),
      data: volume(),
      metadata: volume(),
      role: 'Secondary',
      disk: 'Diskless',
      connection: 'StandAlone',
      peerDisk: 'DUnknown',
      suspended: false,
    });
  }

  #foreignPair(about: Partial<Pick<DrbdPair, 'name' | 'minor' | 'port'>>): DrbdPair {
    const leg = (node: string) => ({ node, ip: '192.0.2.1', disk: '/dev/sdz', metadata: '/dev/sdy' });
    const unlike = { name: 'theirs', minor: 900, port: 7900, ...about };
    return { ...unlike, tags: [], secret: 'x', fencing: 'dont-care', legs: [leg(this.name), leg('elsewhere')] };
  }

  /** A person deactivates a logical volume. */
  deactivate(path: string): void {
    const uuid = this.#machine.volumeAt(path)?.volume.uuid;
    if (uuid !== undefined) this.#machine.kernel.active.delete(uuid);
  }

  /** A mount, a process or a pod takes hold of a device until `close`. */
  open(path: string, who = 'a process'): void {
    this.#machine.kernel.openers.set(path, who);
  }

  close(path: string): void {
    this.#machine.kernel.openers.delete(path);
  }

  /** Somebody keeps the lock of a volume group until the returned function is called, or the host loses its power. */
  lockGroup(name: string): () => void {
    const { lockedGroups } = this.#machine.kernel;
    lockedGroups.add(name);
    return () => lockedGroups.delete(name);
  }

  /** Writes data (one token) to `/dev/<group>/<volume>` or `/dev/drbd<minor>`, as a pod would. */
  write(path: string, data: string): void {
    this.#replication.catchUp();
    const side = this.#replicated(path);
    if (side !== undefined) this.#replication.write(side, data);
    else this.#plain(path).data = data;
  }

  /** Makes a file system: from then on probes find it. */
  format(path: string, type: string): void {
    const content = this.#replicated(path)?.data.content ?? this.#plain(path);
    content.signatures = [{ type }];
    content.data ??= `empty ${type}`;
    this.#report(path.replace('/dev/', ''));
  }

  /** What stands on a volume, whatever uses it; `undefined` for nothing, `torn` for a half-synced copy. */
  dataOf(path: string): string | undefined {
    this.#replication.catchUp();
    return this.#machine.volumeAt(path)?.volume.content.data;
  }

  /** All of this host that outlives a process, without names that chance chose: for comparing two worlds. */
  describe(): HostDescription {
    this.#replication.catchUp();
    const { persistent, kernel } = this.#machine;
    const disksOf = (uuids: Set<string>): string[] =>
      persistent.disks
        .filter(({ physicalVolume }) => physicalVolume !== undefined && uuids.has(physicalVolume.uuid))
        .map(({ kernelName }) => kernelName);
    return {
      disks: Object.fromEntries(
        persistent.disks.map((disk) => [disk.kernelName, disk.content.signatures.map(({ type }) => type).join(' ')]),
      ),
      groups: Object.fromEntries(
        persistent.groups.map((group) => [
          group.name,
          {
            tags: [...group.tags].sort(),
            disks: disksOf(group.physicalVolumes),
            volumes: Object.fromEntries(
              [...group.volumes.values()].map((volume) => [
                volume.name,
                {
                  sizeBytes: sizeOf(volume),
                  tags: [...volume.tags].sort(),
                  active: kernel.active.has(volume.uuid),
                  data: volume.content.data,
                  signatures: volume.content.signatures.map(({ type }) => type).join(' '),
                  hasReplicationMetadata: volume.content.drbd !== undefined,
                },
              ]),
            ),
          },
        ]),
      ),
      resourceFiles: [...persistent.resourceFiles.values()].map(({ pair }) => pair.name).sort(),
      running: Object.fromEntries(
        [...kernel.running.values()].map((side) => [
          side.pair.name,
          `${side.connection} ${side.role} ${side.disk}/${side.peerDisk}`,
        ]),
      ),
    };
  }

  #report(kernelName: string): void {
    for (const tell of this.#machine.diskWatchers) tell(kernelName);
  }

  #disk(kernelName: string): SimulatedDisk {
    const disk = this.#machine.persistent.disks.find((disk) => disk.kernelName === kernelName);
    if (disk === undefined) throw new Error(`${this.name} has no disk ${kernelName}`);
    return disk;
  }

  #replicated(path: string) {
    return [...this.#machine.kernel.running.values()].find(({ pair }) => `/dev/drbd${pair.minor}` === path);
  }

  #plain(path: string): Content {
    const found = this.#machine.volumeAt(path);
    if (found !== undefined && [...this.#machine.kernel.running.values()].some(({ data }) => data === found.volume))
      throw new Error(`${path} is held by DRBD`);
    return this.#machine.open(path).content;
  }
}

export interface VolumeDescription {
  sizeBytes: number;
  tags: string[];
  active: boolean;
  data: string | undefined;
  signatures: string;
  hasReplicationMetadata: boolean;
}

export interface HostDescription {
  disks: Record<string, string>;
  groups: Record<string, { tags: string[]; disks: string[]; volumes: Record<string, VolumeDescription> }>;
  resourceFiles: string[];
  running: Record<string, string>;
}
