import type { HostTools, LvmTools } from '../../../src/node/tools.ts';
import { simulatedDiskTools } from './block.ts';
import { type Content, emptyContent, freshMetadata } from './content.ts';
import { type DiskSpec, type PartitionSpec, type SimulatedDisk, simulatedDisk, simulatedPartitions } from './disk.ts';
import { simulatedDrbdTools } from './drbd.ts';
import { simulatedFileSystemTools } from './file-systems.ts';
import { simulatedLvmTools } from './lvm.ts';
import { type Machine, refuse } from './machine.ts';
import type { Replication } from './replication.ts';
import { freshKernel, type SimulatedGroup, sizeOf, type SimulatedVolume } from './state.ts';
import { simulatedWipeTools } from './wipe.ts';
import type { DrbdPair } from '../../../src/api/observed/index.ts';

/** One simulated node: the tools an agent gets, and what a test does to the machine and sees in it. */
export class SimulatedHost {
  readonly name: string;
  readonly tools: HostTools;
  readonly #machine: Machine;
  readonly #replication: Replication;
  #replugs = 0;

  constructor(machine: Machine, replication: Replication) {
    this.name = machine.name;
    this.#machine = machine;
    this.#replication = replication;
    this.tools = {
      disks: { ...simulatedDiskTools(machine), ...simulatedWipeTools(machine) },
      lvm: whereInstalled(machine, whereUnlocked(machine, simulatedLvmTools(machine))),
      drbd: simulatedDrbdTools(machine, replication),
      fs: simulatedFileSystemTools(machine, replication),
      os: {
        release: (signal) => machine.call(signal, () => machine.system),
        loadDeviceMapper: (signal) => machine.call(signal, () => machine.hasDeviceMapper),
      },
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
    const disk = simulatedDisk(this.name, this.#freeNumber(), spec);
    disks.push(disk, ...simulatedPartitions(disk, spec.partitions ?? []));
    this.#report(spec.kernelName);
  }

  unplug(kernelName: string): void {
    this.#disk(kernelName).plugged = false;
    this.#report(kernelName);
  }

  /** What still holds the disk that was there holds a dead one: the kernel gives it another number. */
  plug(kernelName: string): void {
    const disk = this.#disk(kernelName);
    const { persistent, kernel } = this.#machine;
    const uuid = disk.physicalVolume?.uuid;
    const holders = persistent.groups
      .flatMap(({ volumes }) => [...volumes.values()])
      .filter(({ segments }) => segments.some(({ physicalVolume }) => physicalVolume === uuid))
      .filter((volume) => kernel.active.has(volume.uuid));
    if (!disk.plugged && uuid !== undefined && holders.length > 0) {
      for (const volume of holders) {
        const dead = kernel.dead.get(volume.uuid) ?? new Map<string, string>();
        kernel.dead.set(volume.uuid, dead.set(uuid, disk.majorMinor));
      }
      disk.majorMinor = `65:${16 * this.#replugs++}`;
    }
    disk.plugged = true;
    this.#report(kernelName);
  }

  /** The disk below, virtual or behind a controller, is given more room. */
  growDisk(kernelName: string, sizeBytes: number): void {
    this.#disk(kernelName).sizeBytes = sizeBytes;
    this.#report(kernelName);
  }

  /** A person lets a physical volume use a part of its disk alone. */
  shrinkPhysicalVolume(kernelName: string, extents: number): void {
    const label = this.#disk(kernelName).physicalVolume;
    if (label !== undefined) label.extents = extents;
  }

  /** Lets a group be described on its other disks alone, as pvchange --metadataignore y does. */
  leaveOutMetadata(kernelName: string): void {
    const label = this.#disk(kernelName).physicalVolume;
    if (label !== undefined) label.bare = true;
  }

  /** Takes programs and kernel modules away from the host, or gives them back. */
  changeHost(change: Partial<Pick<Machine, 'hasLvm' | 'hasDeviceMapper' | 'hasUdev' | 'system'>>): void {
    Object.assign(this.#machine, change);
  }

  /** Changes what a disk is or does; nobody reports that. */
  changeDisk(
    kernelName: string,
    change: Partial<
      Pick<SimulatedDisk, 'unreadable' | 'readOnly' | 'mountPoint' | 'health' | 'serial' | 'wwn' | 'sizeBytes'>
    >,
  ): void {
    Object.assign(this.#disk(kernelName), change);
  }

  /** A person writes a gpt table with these partitions onto a disk. */
  partitionDisk(kernelName: string, partitions: readonly PartitionSpec[]): void {
    const disk = this.#disk(kernelName);
    disk.content.signatures = [{ type: 'gpt' }];
    this.#machine.persistent.disks.push(...simulatedPartitions(disk, partitions));
    this.#report(kernelName);
  }

  /** Gives disks other names and numbers, old to new, as a boot may. */
  renameDisks(names: Readonly<Record<string, string>>): void {
    const disks = Object.keys(names).map((name) => this.#disk(name));
    const numbers = new Map(disks.map(({ kernelName, majorMinor }) => [kernelName, majorMinor]));
    for (const disk of disks) {
      disk.kernelName = names[disk.kernelName] ?? disk.kernelName;
      disk.majorMinor = numbers.get(disk.kernelName) ?? disk.majorMinor;
    }
  }

  /** A person makes one physical volume of a device by hand, and puts it into a volume group, which is made if need be. */
  async extendByHand(group: string, kernelName: string): Promise<void> {
    const { signal } = new AbortController();
    const { disks, lvm } = this.tools;
    const device = (await disks.scan(signal)).find((device) => device.kernelName === kernelName);
    if (device === undefined) throw new Error(`${this.name} has no disk ${kernelName}`);
    const volumeGroup = (await lvm.volumeGroups(signal)).find(({ name }) => name === group);
    if (volumeGroup === undefined) await lvm.createVolumeGroup({ name: group, device, tags: [] }, signal);
    else await lvm.extendVolumeGroup({ volumeGroup, device }, signal);
  }

  /** Takes a disk out of this host, with its partitions and the volume groups that stand on them. */
  takeDisk(kernelName: string): TakenDisk {
    const { persistent } = this.#machine;
    const disk = this.#disk(kernelName);
    const taken = persistent.disks.filter((one) => one === disk || one.partition?.disk === disk);
    persistent.disks = persistent.disks.filter((one) => !taken.includes(one));
    const uuids = taken.flatMap(({ physicalVolume }) => physicalVolume?.uuid ?? []);
    const groups = persistent.groups.filter(({ physicalVolumes }) => uuids.some((uuid) => physicalVolumes.has(uuid)));
    this.#report(kernelName);
    return { disks: taken, groups };
  }

  /** Puts a disk in that was taken out of some host. What it holds came with it: LVM reads its groups from there. */
  putDisk({ disks, groups }: TakenDisk, kernelName: string): void {
    const { persistent } = this.#machine;
    for (const disk of disks.filter(({ partition }) => partition === undefined)) {
      disk.kernelName = kernelName;
      disk.majorMinor = `8:${this.#freeNumber() * 16}`;
    }
    persistent.disks.push(...disks);
    persistent.groups.push(...groups.filter((group) => !persistent.groups.includes(group)));
    this.#report(kernelName);
  }

  /** A person wipes a disk: no table, no label, no signature, no data. */
  wipeDisk(kernelName: string): void {
    const disk = this.#disk(kernelName);
    const uuid = disk.physicalVolume?.uuid;
    const { persistent, kernel } = this.#machine;
    disk.content = emptyContent();
    disk.freed = emptyContent();
    disk.physicalVolume = undefined;
    persistent.disks = persistent.disks.filter(({ partition }) => partition?.disk !== disk);
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

  /** I/O on an active logical volume waits until the returned function is called, or the host loses its power. */
  suspend(path: string): () => void {
    const uuid = this.#machine.volumeAt(path)?.volume.uuid;
    if (uuid === undefined) throw new Error(`${this.name} has no volume ${path}`);
    const { suspended } = this.#machine.kernel;
    suspended.add(uuid);
    return () => suspended.delete(uuid);
  }

  /** Somebody keeps the lock of a volume group until the returned function is called, or the host loses its power. */
  lockGroup(name: string): () => void {
    const { lockedGroups } = this.#machine.kernel;
    lockedGroups.add(name);
    return () => lockedGroups.delete(name);
  }

  /** A mount, a process or a pod takes hold of a device until `close`. */
  open(path: string, who = 'a process'): void {
    this.#machine.kernel.openers.set(path, who);
  }

  close(path: string): void {
    this.#machine.kernel.openers.delete(path);
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
    content.signatures = [{ type, uuid: this.#machine.newUuid() }];
    content.data ??= `empty ${type}`;
    this.#report(path.replace('/dev/', ''));
  }

  /** Devices that file systems were made on, in order, since the host was made. */
  get formatted(): readonly string[] {
    return this.#machine.formatted;
  }

  /** What stands on a volume or a DRBD device, whatever uses it; `undefined` for nothing, `torn` for a half-synced copy. */
  dataOf(path: string): string | undefined {
    this.#replication.catchUp();
    const side = this.#replicated(path);
    if (side === undefined) return this.#machine.volumeAt(path)?.volume.content.data;
    return (side.disk === 'UpToDate' ? side : this.#replication.peerOf(side))?.data.content.data;
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

  #freeNumber(): number {
    const minors = this.#machine.persistent.disks.map(({ majorMinor }) => Number(majorMinor.split(':')[1]));
    return Math.floor(Math.max(-16, ...minors) / 16) + 1;
  }

  #disk(kernelName: string): SimulatedDisk {
    const named = this.#machine.persistent.disks.filter((disk) => disk.kernelName === kernelName);
    const disk = named.find(({ plugged }) => plugged) ?? named[0];
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

/** Tools of a program that the host may lack. */
const whereInstalled = <T extends object>(machine: Machine, tools: T): T =>
  new Proxy(tools, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => (machine.hasLvm ? call.apply(target, args) : refuse('TOOL_MISSING', 'lvm'));
    },
  });

/** Whatever is to be changed, lvm is asked for all groups before, and waits for the lock of each; the kernel is not. */
const whereUnlocked = (machine: Machine, tools: LvmTools): LvmTools =>
  new Proxy(tools, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const [locked] = name === 'mappings' ? [] : machine.kernel.lockedGroups;
        return locked === undefined ? call.apply(target, args) : refuse('BUSY', 'vgs', `Can't get lock for ${locked}.`);
      };
    },
  });

/** A disk on its way from one host to another. */
export interface TakenDisk {
  readonly disks: readonly SimulatedDisk[];
  readonly groups: readonly SimulatedGroup[];
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
