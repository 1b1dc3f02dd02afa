import type { OperatingSystem } from '../../../src/api/observed/index.ts';
import { CommandError, type ErrorCode } from '../../../src/node/errors.ts';
import type { Content } from './content.ts';
import { pathOf } from './disk.ts';
import {
  freshKernel,
  type Kernel,
  type Persistent,
  type SimulatedGroup,
  type SimulatedVolume,
  volumePath,
} from './state.ts';
import type { StepHook } from './steps.ts';

/** What every tool of one simulated host stands on: its disks, its kernel, and the one queue its commands pass. */
export class Machine {
  readonly name: string;
  readonly persistent: Persistent = { disks: [], groups: [], resourceFiles: new Map() };
  kernel: Kernel = freshKernel();
  on = true;
  drbdVersion: string | undefined;
  /** `/etc/os-release` of the host. */
  system: OperatingSystem = { id: 'debian', idLike: [] };
  hasLvm = true;
  hasDeviceMapper = true;
  hasUdev = true;
  readonly newUuid: () => string;
  /** Devices that file systems were made on, in order. */
  readonly formatted: string[] = [];
  /** Told of disks that came, went or were written to by somebody. */
  readonly diskWatchers = new Set<(kernelName: string) => void>();
  readonly #onStep: () => StepHook | undefined;
  readonly #catchUp: () => void;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: {
    name: string;
    drbdVersion: string | undefined;
    newUuid: () => string;
    onStep: () => StepHook | undefined;
    catchUp: () => void;
  }) {
    this.name = options.name;
    this.drbdVersion = options.drbdVersion;
    this.newUuid = options.newUuid;
    this.#onStep = options.onStep;
    this.#catchUp = options.catchUp;
  }

  /** Runs one tool call after all earlier ones of this host, in a world that is up to date. */
  call<T>(signal: AbortSignal, work: () => T | Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      if (signal.aborted) throw new CommandError({ code: 'ABORTED', command: 'a command', cause: signal.reason });
      if (!this.on) throw new Error(`${this.name} is powered off: nothing can run there`);
      this.#catchUp();
      return work();
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Makes one change, between the two calls of the hook. */
  async step(command: string, subject: string, change: () => void): Promise<void> {
    const hook = this.#onStep();
    await hook?.({ host: this.name, command, subject, when: 'before' });
    if (!this.on) throw new Error(`${this.name} lost power before ${command}`);
    change();
    this.#catchUp();
    await hook?.({ host: this.name, command, subject, when: 'after' });
    if (!this.on) throw new Error(`${this.name} lost power after ${command}`);
  }

  /** A disk or an active volume by its path, as a program on the host would open it. */
  open(path: string): { content: Content; unreadable: boolean } {
    const disk = this.persistent.disks.find((disk) => disk.plugged && pathOf(disk) === path);
    if (disk !== undefined) return { content: disk.content, unreadable: disk.unreadable };
    const found = this.volumeAt(path);
    if (found === undefined || !this.kernel.active.has(found.volume.uuid))
      return refuse('DEVICE_NOT_FOUND', `open ${path}`);
    return { content: found.volume.content, unreadable: this.isUnreadable(found.volume) };
  }

  /** Idle, and all of the disks it stands on are there. */
  isActivatable({ uuid, segments }: SimulatedVolume): boolean {
    const present = this.persistent.disks.filter(({ plugged }) => plugged).map((disk) => disk.physicalVolume?.uuid);
    return !this.kernel.active.has(uuid) && segments.every(({ physicalVolume }) => present.includes(physicalVolume));
  }

  activate({ uuid }: SimulatedVolume): void {
    const taken = new Set(this.kernel.active.values());
    let minor = 0;
    while (taken.has(minor)) minor++;
    this.kernel.active.set(uuid, minor);
    this.kernel.dead.delete(uuid);
  }

  /** A volume is as good as the disks it stands on; one that is gone can't be read either. */
  isUnreadable({ uuid, segments }: SimulatedVolume): boolean {
    if (this.kernel.dead.has(uuid)) return true;
    const good = this.persistent.disks.filter(({ plugged, unreadable }) => plugged && !unreadable);
    return segments.some(({ physicalVolume }) => !good.some((disk) => disk.physicalVolume?.uuid === physicalVolume));
  }

  volumeAt(path: string): { group: SimulatedGroup; volume: SimulatedVolume } | undefined {
    for (const group of this.persistent.groups)
      for (const volume of group.volumes.values()) if (volumePath(group, volume) === path) return { group, volume };
    return undefined;
  }

  /** Where a device is mounted, in words. */
  mountOf(path: string): string | undefined {
    const found = this.kernel.mounts.find((mounted) => mounted.path === path);
    return found && `mounted on ${found.mount.target}`;
  }

  /** Who has a logical volume open, in words. */
  openerOf(group: SimulatedGroup, volume: SimulatedVolume): string | undefined {
    const path = volumePath(group, volume);
    const opener = this.kernel.openers.get(path) ?? this.mountOf(path);
    if (opener !== undefined) return opener;
    const running = [...this.kernel.running.values()].find(
      ({ data, metadata }) => data === volume || metadata === volume,
    );
    return running === undefined ? undefined : `drbd${running.pair.minor}`;
  }
}

export function refuse(code: ErrorCode, command: string, stderr = ''): never {
  throw new CommandError({ code, command, stderr });
}
