import type { DiskContent, DiskMarks } from '../../../src/api/observed/index.ts';
import type { ErrorCode } from '../../../src/node/errors.ts';
import type { DiskTools } from '../../../src/node/tools.ts';
import { diskMeant, holdersOf } from './block.ts';
import { pathOf, type SimulatedDisk } from './disk.ts';
import { type Machine, refuse } from './machine.ts';

/** Looking at all that stands on a disk, and taking it off. Partitions here are places without content of their own. */
export const simulatedWipeTools = (machine: Machine): Pick<DiskTools, 'content' | 'wipe'> => ({
  content: (path, signal) =>
    machine.call(signal, () => {
      const disk = machine.persistent.disks.find((disk) => disk.plugged && pathOf(disk) === path);
      if (disk === undefined) return refuse('DEVICE_NOT_FOUND', `look at ${path}`);
      return contentOf(machine, disk);
    }),
  wipe: ({ device, seen }, signal) =>
    machine.call(signal, async () => {
      const command = `wipe ${device.path}`;
      const disk = diskMeant(machine, device, command);
      const blocker = blockerOf(machine, disk);
      if (blocker !== undefined) refuse(blocker[0], command, blocker[1]);
      const now = contentOf(machine, disk);
      if (now.blank) return;
      if (!isWithin(now, seen)) refuse('CONTENT_CHANGED', command);
      await machine.step('wipefs', pathOf(disk), () => {
        disk.content = { ...disk.content, signatures: [] };
        disk.physicalVolume = undefined;
        disk.partitions = 0;
        disk.unsure = false;
      });
    }),
});

function contentOf(machine: Machine, disk: SimulatedDisk): DiskContent {
  const blocker = blockerOf(machine, disk);
  const partitions = Array.from({ length: disk.partitions }, (_none, index) => String(index + 1));
  if (blocker !== undefined) return { signatures: [], partitions, blocker: blocker[1], blank: false };
  const signatures = [...disk.content.signatures];
  return { signatures, partitions, blank: signatures.length === 0 && partitions.length === 0 && !disk.unsure };
}

function blockerOf(machine: Machine, disk: SimulatedDisk): [ErrorCode, string] | undefined {
  if (disk.mountPoint !== undefined) return ['DEVICE_IN_USE', `mounted on ${disk.mountPoint}`];
  const holders = holdersOf(machine, disk);
  if (holders.length > 0) return ['DEVICE_IN_USE', `held by ${holders.join(', ')}`];
  if (disk.readOnly) return ['DEVICE_IN_USE', 'it is read-only'];
  if (disk.unreadable) return ['DEVICE_UNREADABLE', 'Input/output error'];
  const isLabelled = disk.content.signatures.some(({ type }) => type === 'LVM2_member');
  if (isLabelled && disk.physicalVolume?.used !== false)
    return ['DEVICE_IN_USE', 'it belongs to a volume group: vgremove it by hand first'];
  return undefined;
}

const isWithin = (now: DiskMarks, seen: DiskMarks): boolean =>
  now.partitions.every((name) => seen.partitions.includes(name)) &&
  now.signatures.every(({ type, uuid }) => seen.signatures.some((mark) => mark.type === type && mark.uuid === uuid));
