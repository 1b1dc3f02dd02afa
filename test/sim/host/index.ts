/**
 * Simulated hosts: disks, LVM and DRBD 8.4 modelled by what they promise, apart from the code that drives the real
 * tools, so that controllers can be tested, killed and powered off in milliseconds.
 *
 *     const world = new SimulatedWorld({ now: () => clock.now() });
 *     const node1 = world.addHost('node1', { disks: [disk('sdb', gib(10))] });
 *     await node1.tools.disks.scan(signal);
 */
export { torn } from './content.ts';
export { disk, type DiskOptions, type DiskSpec, type PartitionSpec, partitionTypes } from './disk.ts';
export { type HostDescription, SimulatedHost, type TakenDisk, type VolumeDescription } from './host.ts';
export type { Step, StepHook } from './steps.ts';
export { type SimulatedHostOptions, SimulatedWorld, type SimulatedWorldOptions } from './world.ts';
