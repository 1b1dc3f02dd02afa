import { describe } from 'vitest';
import { signal } from '../contract/bench.ts';
import { type ContractHost, hostToolsContract } from '../contract/host-tools.contract.ts';
import { disk, type SimulatedHost, SimulatedWorld } from '../sim/host/index.ts';

const gib = 1024 ** 3;

function contractHost(world: SimulatedWorld, host: SimulatedHost, ip: string): ContractHost {
  const kernelName = (path: string): string => path.replace('/dev/', '');
  return {
    node: host.name,
    ip,
    tools: host.tools,
    disks: ['/dev/sdb', '/dev/sdc'],
    makeFileSystem: async (path, type) => host.format(path, type),
    makePartition: async (path) => {
      host.partitionDisk(kernelName(path), [{ type: 'lvm' }]);
      return `${path}1`;
    },
    hold: async (path) => {
      host.open(path);
      return async () => host.close(path);
    },
    fingerprint: async (path) => JSON.stringify(host.describe().disks[kernelName(path)]),
    write: async (path, word) => host.write(path, word),
    read: async (path) => host.dataOf(path),
    interruptCreation: async (wanted) => {
      world.onStep = ({ command, when }) => {
        if (command === 'activate' && when === 'after') throw new Error('killed');
      };
      await host.tools.lvm.createLogicalVolume(wanted, signal).catch(() => undefined);
      world.onStep = undefined;
    },
    interruptMove: async ({ volume, from, extents, to }) => {
      const { lvm } = host.tools;
      const found = (await lvm.logicalVolumes(signal)).find(({ path }) => path === volume);
      const disks = await lvm.physicalVolumes(signal);
      const disk = (path: string) => disks.find(({ device }) => device === path);
      const [source, target] = [disk(from), disk(to)];
      if (found === undefined || source === undefined || target === undefined) throw new Error('nothing to move');
      const { volumeGroup } = found;
      world.onStep = ({ command, when }) => {
        if (command === 'pvmove' && when === 'after') throw new Error('killed');
      };
      const move = { volumeGroup, volume: found, from: source, first: 0, count: extents, to: target };
      await lvm.moveExtents(move, signal).catch(() => undefined);
      world.onStep = undefined;
    },
    suspend: async (path) => {
      const resume = host.suspend(path);
      return async () => resume();
    },
    // What counts is that something holds the disk, as a mount does; nobody here reads what lies on top of a disk.
    coverSuspended: async (path) => {
      host.changeDisk(kernelName(path), { mountPoint: '/somewhere' });
      return async () => host.changeDisk(kernelName(path), { mountPoint: undefined });
    },
    lockGroup: async (name) => {
      const unlock = host.lockGroup(name);
      return async () => unlock();
    },
    failReads: async (path) => {
      host.changeDisk(kernelName(path), { unreadable: true });
      return async () => host.changeDisk(kernelName(path), { unreadable: false });
    },
    shrinkPhysicalVolume: async (path) => host.shrinkPhysicalVolume(kernelName(path), 62),
    leaveOutMetadata: async (path) => host.leaveOutMetadata(kernelName(path)),
    copyDisk: async (from, to) => host.cloneDisk(kernelName(from), kernelName(to)),
    deactivate: async (path) => host.deactivate(path),
    powerLoss: async () => {
      host.powerOff();
      host.boot({ activates: false });
    },
    addForeignResourceFile: async (path, about) => host.addForeignResourceFile(path, about),
    deleteResourceFile: async (path) => host.deleteResourceFile(path),
    runForeignResource: async (name, minor) => host.runForeignResource(name, minor),
  };
}

describe('the simulated host keeps the contract of host tools', () => {
  hostToolsContract(async () => {
    let nowMs = 0;
    const world = new SimulatedWorld({ now: () => nowMs });
    const disks = [disk('sda', 8 * gib, { mountPoint: '/', signature: 'ext4' }), disk('sdb', gib), disk('sdc', gib)];
    const [a, b] = [world.addHost('node1', { disks }), world.addHost('node2', { disks })];
    return {
      hosts: [contractHost(world, a, '10.0.0.1'), contractHost(world, b, '10.0.0.2')],
      cut: async () => world.cut('node1', 'node2'),
      heal: async () => world.heal('node1', 'node2'),
      passTime: async () => {
        nowMs += 100;
      },
    };
  });
});
