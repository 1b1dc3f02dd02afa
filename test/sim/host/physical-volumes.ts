import type {
  PhysicalVolume,
  PhysicalVolumeReference,
  UsedExtents,
  VolumeGroup,
  VolumeGroupReference,
} from '../../../src/api/observed/index.ts';
import type { PhysicalVolumeTools } from '../../../src/node/tools.ts';
import { checkedDisk } from './block.ts';
import { pathOf, type SimulatedDisk } from './disk.ts';
import { type Machine, refuse } from './machine.ts';
import {
  extentBytes,
  extentsOf,
  firstExtentAt,
  type Segment,
  type SimulatedGroup,
  type SimulatedVolume,
} from './state.ts';

/** What the rest of the simulated LVM knows of groups and disks. */
interface Groups {
  readonly visibleGroups: () => SimulatedGroup[];
  readonly groupMeant: (wanted: VolumeGroupReference, command: string) => SimulatedGroup;
  readonly changeable: (group: SimulatedGroup, command: string) => void;
  readonly diskOf: (uuid: string) => SimulatedDisk | undefined;
  readonly isDuplicate: (uuid: string) => boolean;
  readonly groupSeen: (group: SimulatedGroup) => VolumeGroup;
  /** Room for so many extents on one disk of a group, if there is. */
  readonly allocateOn: (group: SimulatedGroup, physicalVolume: string, extents: number) => Segment[] | undefined;
}

/** Changes of the disks of a group, as one simulated host makes them. A move is two steps: it begins, and it ends. */
export function simulatedPhysicalVolumeTools(machine: Machine, groups: Groups): PhysicalVolumeTools {
  const { visibleGroups, groupMeant, changeable, diskOf, isDuplicate, groupSeen, allocateOn } = groups;

  /** The disk that was meant, with its physical volume; lvm finds it by UUID wherever it is. */
  const find = (wanted: PhysicalVolumeReference, command: string): SimulatedDisk | undefined => {
    const disk = diskOf(wanted.uuid);
    if (isDuplicate(wanted.uuid)) refuse('PV_DUPLICATE', command);
    if (disk !== undefined && pathOf(disk) !== wanted.device) refuse('DEVICE_CHANGED', command);
    return disk;
  };
  const member = (group: SimulatedGroup, wanted: PhysicalVolumeReference, command: string): SimulatedDisk => {
    const disk = group.physicalVolumes.has(wanted.uuid) ? find(wanted, command) : undefined;
    return disk ?? refuse('PV_NOT_FOUND', command);
  };
  const seen = (group: SimulatedGroup, disk: SimulatedDisk): PhysicalVolume => {
    const uuid = disk.physicalVolume?.uuid ?? '';
    const used = usedIn(group).filter((run) => run.physicalVolume === uuid);
    const extents = extentsOf(disk);
    return {
      device: pathOf(disk),
      uuid,
      volumeGroup: { name: group.name, uuid: group.uuid },
      sizeBytes: extents * extentBytes,
      freeBytes: (extents - used.reduce((sum, { count }) => sum + count, 0)) * extentBytes,
      deviceSizeBytes: disk.sizeBytes,
      firstExtentBytes: firstExtentAt(disk),
      majorMinor: disk.majorMinor,
      allocatable: !group.closed.has(uuid),
      missing: false,
      duplicate: false,
    };
  };
  const end = (group: SimulatedGroup): Promise<void> =>
    machine.step('pvmove end', group.name, () => {
      const { move } = group;
      const volume = [...group.volumes.values()].find(({ uuid }) => uuid === move?.volume);
      if (move !== undefined && volume !== undefined)
        volume.segments = merged(volume.segments.flatMap((segment) => replaced(segment, move)));
      group.move = undefined;
    });
  /** lvm can end a move of an active group alone. */
  const activate = async (group: SimulatedGroup): Promise<void> => {
    const idle = [...group.volumes.values()].filter((volume) => machine.isActivatable(volume));
    if (idle.length > 0)
      await machine.step('vgchange -ay', group.name, () => idle.forEach((volume) => machine.activate(volume)));
  };

  return {
    usedExtents: (signal) =>
      machine.call(signal, () =>
        visibleGroups()
          .flatMap(usedIn)
          .sort((a, b) =>
            a.physicalVolume === b.physicalVolume ? a.first - b.first : a.physicalVolume < b.physicalVolume ? -1 : 1,
          ),
      ),

    changeAllocation: ({ volumeGroup, physicalVolume, allocatable }, signal) =>
      machine.call(signal, async () => {
        const command = `pvchange of ${physicalVolume.device}`;
        const group = groupMeant(volumeGroup, command);
        changeable(group, command);
        const disk = member(group, physicalVolume, command);
        const { uuid } = physicalVolume;
        if (group.closed.has(uuid) === allocatable)
          await machine.step('pvchange', `${group.name} ${pathOf(disk)}`, () => {
            if (allocatable) group.closed.delete(uuid);
            else group.closed.add(uuid);
          });
        return seen(group, disk);
      }),

    moveExtents: ({ volumeGroup, volume: wanted, from, first, count, to }, signal) =>
      machine.call(signal, async () => {
        const command = `move ${wanted.name} from ${from.device} to ${to.device}`;
        const group = groupMeant(volumeGroup, command);
        changeable(group, command);
        member(group, from, command);
        member(group, to, command);
        if (group.move?.from === from.uuid) refuse('LV_MOVING', command);
        const volume = [...group.volumes.values()].find(({ uuid }) => uuid === wanted.uuid);
        const parts = volume === undefined ? [] : partsOf(volume, { physicalVolume: from.uuid, first, extents: count });
        if (volume === undefined || parts.length === 0) return;
        if (volume.name !== wanted.name) refuse('LV_CHANGED', command);
        const extents = parts.reduce((sum, part) => sum + part.extents, 0);
        const copies = allocateOn(group, to.uuid, extents) ?? refuse('NO_SPACE', command);
        await machine.step('pvmove', `${group.name}/${volume.name}`, () => {
          group.move = { volume: volume.uuid, from: from.uuid, parts, copies };
        });
        await end(group);
      }),

    finishMove: ({ volumeGroup, from }, signal) =>
      machine.call(signal, async () => {
        const command = `end the move off ${from.device}`;
        const group = groupMeant(volumeGroup, command);
        member(group, from, command);
        if (group.move?.from !== from.uuid) return;
        await activate(group);
        await end(group);
      }),

    abortMove: ({ volumeGroup, from }, signal) =>
      machine.call(signal, async () => {
        const command = `take back the move off ${from.device}`;
        const group = groupMeant(volumeGroup, command);
        member(group, from, command);
        if (group.move?.from !== from.uuid) return;
        await activate(group);
        await machine.step('pvmove --abort', group.name, () => {
          group.move = undefined;
        });
      }),

    reduceVolumeGroup: ({ volumeGroup, physicalVolume }, signal) =>
      machine.call(signal, async () => {
        const command = `vgreduce ${volumeGroup.name} by ${physicalVolume.device}`;
        const group = groupMeant(volumeGroup, command);
        changeable(group, command);
        const { uuid } = physicalVolume;
        const disk = find(physicalVolume, command);
        if (disk === undefined) return refuse('PV_NOT_FOUND', command);
        if (!group.physicalVolumes.has(uuid))
          return disk.physicalVolume?.used === true ? refuse('PV_NOT_FOUND', command) : groupSeen(group);
        if (usedIn(group).some((run) => run.physicalVolume === uuid)) refuse('PV_IN_USE', command);
        if (group.physicalVolumes.size === 1) refuse('PV_IN_USE', command, 'it is the only one of the group');
        await machine.step('vgreduce', `${group.name} ${pathOf(disk)}`, () => {
          group.physicalVolumes.delete(uuid);
          group.closed.delete(uuid);
          disk.physicalVolume = { uuid, used: false };
        });
        return groupSeen(group);
      }),

    removePhysicalVolume: ({ uuid, device }, signal) =>
      machine.call(signal, async () => {
        const command = `pvremove ${device.path}`;
        if (machine.persistent.groups.some(({ physicalVolumes }) => physicalVolumes.has(uuid)))
          refuse('PV_IN_USE', command);
        const disk = checkedDisk(machine, device, command);
        find({ uuid, device: device.path }, command);
        if (disk.physicalVolume?.uuid !== uuid) return;
        await machine.step('pvremove', pathOf(disk), () => {
          disk.physicalVolume = undefined;
          disk.content.signatures = [];
        });
      }),
  };
}

/** What stands where in a group. What a move has begun with belongs to lvm's own hidden volume, on both disks. */
function usedIn(group: SimulatedGroup): UsedExtents[] {
  const { move } = group;
  const run = ({ physicalVolume, first, extents }: Segment) => ({
    volumeGroup: group.uuid,
    physicalVolume,
    first,
    count: extents,
  });
  const moving = [...(move?.parts ?? []), ...(move?.copies ?? [])].map((segment) => ({
    ...run(segment),
    volume: { name: '[pvmove0]', uuid: `move-of-${move?.volume}` },
    kind: 'moving' as const,
    movedFrom: move?.from ?? '',
  }));
  const standing = [...group.volumes.values()].flatMap(({ name, uuid, segments }) =>
    segments
      .flatMap((segment) => (move === undefined ? [segment] : without(segment, move.parts)))
      .map((segment) => ({ ...run(segment), volume: { name, uuid }, kind: 'plain' as const })),
  );
  return [...moving, ...standing];
}

/** The extents of a volume that lie in a range of a disk, in its order. */
const partsOf = ({ segments }: SimulatedVolume, range: Segment): Segment[] =>
  segments.flatMap((segment) => {
    const first = Math.max(segment.first, range.first);
    const last = Math.min(segment.first + segment.extents, range.first + range.extents);
    const isIn = segment.physicalVolume === range.physicalVolume && first < last;
    return isIn ? [{ ...segment, first, extents: last - first }] : [];
  });

/** What of a segment lies outside of these parts. */
const without = (segment: Segment, parts: readonly Segment[]): Segment[] =>
  parts.reduce(
    (left, part) => left.flatMap((piece) => cut(piece, part).flatMap((end) => (end === part ? [] : [end]))),
    [segment],
  );

/** A segment in up to three pieces, where a part that lies within it begins and ends; that part itself is one of them. */
function cut(segment: Segment, part: Segment): Segment[] {
  const end = segment.first + segment.extents;
  const isIn = segment.physicalVolume === part.physicalVolume && segment.first <= part.first && part.first < end;
  if (!isIn) return [segment];
  const after = part.first + part.extents;
  return [
    { ...segment, extents: part.first - segment.first },
    part,
    { ...segment, first: after, extents: end - after },
  ].filter((piece) => piece === part || piece.extents > 0);
}

/** A segment with what was moved out of it standing where the copies are. */
function replaced(segment: Segment, { parts, copies }: { parts: readonly Segment[]; copies: readonly Segment[] }) {
  let before = 0;
  let pieces = [segment];
  for (const part of parts) {
    const copy = slice(copies, before, part.extents);
    pieces = pieces.flatMap((piece) => cut(piece, part).flatMap((end) => (end === part ? copy : [end])));
    before += part.extents;
  }
  return pieces;
}

/** So many extents of a row of segments, after so many others. */
function slice(segments: readonly Segment[], skip: number, extents: number): Segment[] {
  const taken: Segment[] = [];
  let at = 0;
  for (const segment of segments) {
    const from = Math.max(skip, at);
    const until = Math.min(skip + extents, at + segment.extents);
    if (from < until) taken.push({ ...segment, first: segment.first + from - at, extents: until - from });
    at += segment.extents;
  }
  return taken;
}

/** Neighbours as one, as lvm shows them. */
const merged = (segments: readonly Segment[]): Segment[] =>
  segments.reduce<Segment[]>((row, segment) => {
    const last = row.at(-1);
    const follows = last?.physicalVolume === segment.physicalVolume && last.first + last.extents === segment.first;
    return follows && last !== undefined
      ? [...row.slice(0, -1), { ...last, extents: last.extents + segment.extents }]
      : [...row, segment];
  }, []);
