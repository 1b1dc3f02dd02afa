import type { DiskContent, DiskMarks } from '../../../src/api/observed/index.ts';
import type { ErrorCode } from '../../../src/node/errors.ts';
import type { DiskTools } from '../../../src/node/tools.ts';
import { diskMeant, holdersOf, partitionsOf } from './block.ts';
import { pathOf, type SimulatedDisk } from './disk.ts';
import { type Machine, refuse } from './machine.ts';

/** Looking at all that stands on a disk, and taking it off. Of a disk that is wiped, its partitions are wiped first. */
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
        const parts = partitionsOf(machine, disk);
        for (const wiped of [disk, ...parts]) {
          wiped.content = { ...wiped.content, signatures: [] };
          wiped.physicalVolume = undefined;
        }
        disk.unsure = false;
        machine.persistent.disks = machine.persistent.disks.filter((one) => !parts.includes(one));
      });
    }),
});

function contentOf(machine: Machine, disk: SimulatedDisk): DiskContent {
  const blocker = blockerOf(machine, disk);
  const parts = partitionsOf(machine, disk);
  const suffixOf = ({ kernelName }: SimulatedDisk): string => kernelName.slice(disk.kernelName.length);
  const partitions = parts.map(suffixOf).sort();
  if (blocker !== undefined) return { signatures: [], partitions, blocker: blocker[1], blank: false };
  const inParts = parts.flatMap((part) =>
    part.content.signatures.map((mark) => ({ ...mark, partition: suffixOf(part) })),
  );
  const signatures = [...disk.content.signatures, ...inParts];
  return { signatures, partitions, blank: signatures.length === 0 && partitions.length === 0 && !disk.unsure };
}

function blockerOf(machine: Machine, disk: SimulatedDisk): [ErrorCode, string] | undefined {
  const all = [disk, ...partitionsOf(machine, disk)];
  return all.map((one) => ownBlockerOf(machine, one)).find((blocker) => blocker !== undefined);
}

function ownBlockerOf(machine: Machine, disk: SimulatedDisk): [ErrorCode, string] | undefined {
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
  now.signatures.every(({ type, uuid, partition }) =>
    seen.signatures.some((mark) => mark.type === type && mark.uuid === uuid && mark.partition === partition),
  );
