import type { DiskSpec } from './disk.ts';
import { type HostDescription, SimulatedHost, type VolumeDescription } from './host.ts';
import { Machine } from './machine.ts';
import { Replication } from './replication.ts';
import type { StepHook } from './steps.ts';

export interface SimulatedWorldOptions {
  /** Milliseconds; resyncs progress by it alone. */
  readonly now: () => number;
  readonly syncBytesPerSecond?: number;
}

export interface SimulatedHostOptions {
  readonly disks?: readonly DiskSpec[];
  /** `false`: this kernel has no DRBD. */
  readonly drbdVersion?: string | false;
}

/** Several simulated hosts and the network between them. */
export class SimulatedWorld {
  readonly hosts = new Map<string, SimulatedHost>();
  /** Called around every change any tool makes on any host. */
  onStep: StepHook | undefined;
  readonly #machines = new Map<string, Machine>();
  readonly #cut = new Set<string>();
  readonly #replication: Replication;
  #uuids = 0;

  constructor({ now, syncBytesPerSecond = 100 * 1024 ** 2 }: SimulatedWorldOptions) {
    this.#replication = new Replication({
      machines: this.#machines,
      now,
      isLinked: (a, b) => !this.#cut.has(link(a, b)),
      bytesPerSecond: syncBytesPerSecond,
    });
  }

  addHost(name: string, { disks = [], drbdVersion = '8.4.11' }: SimulatedHostOptions = {}): SimulatedHost {
    const machine = new Machine({
      name,
      drbdVersion: drbdVersion === false ? undefined : drbdVersion,
      newUuid: () => `sim-${String(++this.#uuids).padStart(6, '0')}`,
      onStep: () => this.onStep,
      catchUp: () => this.#replication.catchUp(),
    });
    this.#machines.set(name, machine);
    const host = new SimulatedHost(machine, this.#replication);
    for (const spec of disks) host.addDisk(spec);
    this.hosts.set(name, host);
    return host;
  }

  host(name: string): SimulatedHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  /** Somebody carries a disk, and the volume group that stands on it alone, to another host. */
  moveDisk(from: string, kernelName: string, to: string, as: string): void {
    this.host(to).putDisk(this.host(from).takeDisk(kernelName), as);
  }

  /** Takes the cable between two hosts out. */
  cut(a: string, b: string): void {
    this.#replication.catchUp();
    this.#cut.add(link(a, b));
    this.#replication.catchUp();
  }

  heal(a: string, b: string): void {
    this.#cut.delete(link(a, b));
    this.#replication.catchUp();
  }

  /** Every logical volume of that name, host by host. */
  copiesOf(volume: string): (VolumeDescription & { host: string; group: string })[] {
    return [...this.hosts.values()].flatMap((host) =>
      Object.entries(host.describe().groups).flatMap(([group, { volumes }]) => {
        const copy = volumes[volume];
        return copy === undefined ? [] : [{ host: host.name, group, ...copy }];
      }),
    );
  }

  describe(): Record<string, HostDescription> {
    return Object.fromEntries([...this.hosts].map(([name, host]) => [name, host.describe()]));
  }
}

const link = (a: string, b: string): string => [a, b].sort().join(' ');
