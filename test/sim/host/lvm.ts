import type {
  DeviceIdentity,
  LogicalVolume,
  PhysicalVolume,
  VolumeGroup,
  VolumeGroupReference,
} from '../../../src/api/observed/index.ts';
import { unwipedTag } from '../../../src/api/tags.ts';
import { checkName, checkSize, checkTags, checkVolumeName } from '../../../src/node/lvm/names.ts';
import type { LvmTools } from '../../../src/node/tools.ts';
import { checkedDisk } from './block.ts';
import { emptyContent } from './content.ts';
import { pathOf, type SimulatedDisk, type SimulatedLabel } from './disk.ts';
import { type Machine, refuse } from './machine.ts';
import { simulatedPhysicalVolumeTools } from './physical-volumes.ts';
import {
  extentBytes,
  extentsOf,
  firstExtentAt,
  mapperPath,
  metadataAreaOf,
  roomOf,
  type Segment,
  type SimulatedGroup,
  type SimulatedVolume,
  sizeOf,
  volumePath,
} from './state.ts';

/** LVM's text for a volume without tags. */
const metadataBytesPerVolume = 350;

/** LVM as one simulated host has it. */
export function simulatedLvmTools(machine: Machine): LvmTools {
  const { persistent } = machine;

  const diskOf = (uuid: string): SimulatedDisk | undefined =>
    persistent.disks.find((disk) => isSeen(disk) && disk.physicalVolume?.uuid === uuid);
  const isMissing = (uuid: string): boolean => isAway(uuid) || isBehind(diskOf(uuid)?.physicalVolume);
  /** It is back, and its group was changed meanwhile. lvm itself takes one back that holds nothing. */
  const isBehind = (label: SimulatedLabel | undefined): boolean =>
    label?.outdated === true && persistent.groups.some((group) => usedOn(group, label.uuid).length > 0);
  const isAway = (uuid: string): boolean => diskOf(uuid) === undefined;
  const isDuplicate = (uuid: string): boolean =>
    persistent.disks.filter(({ plugged, physicalVolume }) => plugged && physicalVolume?.uuid === uuid).length > 1;
  const describes = (uuid: string): boolean => !isAway(uuid) && diskOf(uuid)?.physicalVolume?.bare !== true;
  /** A group is gone with all disks that describe it. */
  const visibleGroups = (): SimulatedGroup[] =>
    persistent.groups.filter(({ physicalVolumes }) => [...physicalVolumes].some(describes));
  /** A change of a group is written to the disks that are there; the others are known to be behind. */
  const leaveAbsentBehind = (group: SimulatedGroup): void => {
    for (const { physicalVolume } of persistent.disks)
      if (physicalVolume !== undefined && group.physicalVolumes.has(physicalVolume.uuid) && isAway(physicalVolume.uuid))
        physicalVolume.outdated = true;
  };

  const groupMeant = (wanted: VolumeGroupReference, command: string): SimulatedGroup => {
    const named = visibleGroups().filter(({ name }) => name === wanted.name);
    const group = named.find(({ uuid }) => uuid === wanted.uuid);
    if (group === undefined) return refuse(named.length === 0 ? 'VG_NOT_FOUND' : 'VG_CHANGED', command);
    if (named.length > 1) return refuse('VG_AMBIGUOUS', command);
    return group;
  };
  /** Tags may be changed, and volumes removed, while a disk is away. */
  const taggable = (group: SimulatedGroup, command: string): void => {
    if ([...group.physicalVolumes].some(isDuplicate)) refuse('PV_DUPLICATE', command);
  };
  const changeable = (group: SimulatedGroup, command: string): void => {
    if ([...group.physicalVolumes].some(isMissing)) refuse('PV_MISSING', command);
    for (const uuid of group.physicalVolumes) delete diskOf(uuid)?.physicalVolume?.outdated;
    taggable(group, command);
  };
  const unlocked = (group: SimulatedGroup, { uuid }: SimulatedVolume, command: string): void => {
    if (group.move?.volume === uuid) refuse('LV_MOVING', command);
  };
  const volumeMeant = (group: SimulatedGroup, name: string, uuid: string, command: string): SimulatedVolume => {
    const volume = group.volumes.get(name);
    if (volume === undefined) return refuse('LV_NOT_FOUND', command);
    return volume.uuid === uuid ? volume : refuse('LV_CHANGED', command);
  };

  /** Of a disk that is away the group's own description tells. */
  const extentsIn = (physicalVolume: string): number => {
    const disk =
      diskOf(physicalVolume) ?? persistent.disks.find((away) => away.physicalVolume?.uuid === physicalVolume);
    return disk === undefined ? 0 : extentsOf(disk);
  };
  /** Free room of a group in the order of its disks, as segments. */
  const freeSegments = (group: SimulatedGroup): Segment[] =>
    [...group.physicalVolumes].flatMap((physicalVolume) =>
      gapsBetween(usedOn(group, physicalVolume), physicalVolume, extentsIn(physicalVolume)),
    );
  const freeBytesOn = (group: SimulatedGroup, uuid: string): number =>
    freeSegments(group)
      .filter(({ physicalVolume }) => physicalVolume === uuid)
      .reduce((sum, { extents }) => sum + extents, 0) * extentBytes;
  const allocate = (group: SimulatedGroup, extents: number, command: string): Segment[] =>
    takeFrom(
      freeSegments(group).filter(({ physicalVolume }) => !group.closed.has(physicalVolume)),
      extents,
    ) ?? refuse('NO_SPACE', command);

  const groupSeen = (group: SimulatedGroup): VolumeGroup => {
    const disks = [...group.physicalVolumes].map(diskOf).filter((disk) => disk !== undefined);
    const metadataSizeBytes = Math.min(...disks.map(metadataAreaOf));
    return {
      name: group.name,
      uuid: group.uuid,
      sizeBytes: [...group.physicalVolumes].reduce((sum, uuid) => sum + extentsIn(uuid), 0) * extentBytes,
      freeBytes: freeSegments(group).reduce((sum, { extents }) => sum + extents, 0) * extentBytes,
      extentSizeBytes: extentBytes,
      physicalVolumeCount: group.physicalVolumes.size,
      logicalVolumeCount: group.volumes.size,
      missingPhysicalVolumeCount: [...group.physicalVolumes].filter(isMissing).length,
      tags: [...group.tags].sort(),
      metadataSizeBytes,
      metadataFreeBytes:
        metadataSizeBytes / 2 -
        [...group.volumes.values()].reduce(
          (sum, { tags }) => sum + metadataBytesPerVolume + [...tags].join().length,
          0,
        ),
    };
  };
  const volumeSeen = (group: SimulatedGroup, volume: SimulatedVolume): LogicalVolume => {
    const minor = machine.kernel.active.get(volume.uuid);
    return {
      name: volume.name,
      uuid: volume.uuid,
      volumeGroup: { name: group.name, uuid: group.uuid },
      sizeBytes: sizeOf(volume),
      path: volumePath(group, volume),
      deviceMapperPath: mapperPath(group, volume),
      active: minor !== undefined && !volume.tags.has(unwipedTag),
      open: machine.openerOf(group, volume) !== undefined,
      suspended: machine.kernel.suspended.has(volume.uuid),
      health: volume.segments.some(({ physicalVolume }) => isMissing(physicalVolume)) ? 'partial' : '',
      tags: [...volume.tags].sort(),
      layout: 'linear',
      ...(minor === undefined ? {} : { majorMinor: `253:${minor}` }),
    };
  };
  const remove = (group: SimulatedGroup, volume: SimulatedVolume): Promise<void> =>
    machine.step('lvremove', `${group.name}/${volume.name}`, () => {
      group.volumes.delete(volume.name);
      leaveAbsentBehind(group);
      machine.kernel.active.delete(volume.uuid);
      for (const { physicalVolume } of volume.segments) {
        const disk = diskOf(physicalVolume);
        if (disk !== undefined) disk.freed = volume.content;
      }
    });
  /** lvm records a volume with its tags, then activates it, then wipes what an earlier one left in its extents. */
  const make = async (group: SimulatedGroup, volume: SimulatedVolume): Promise<void> => {
    const subject = `${group.name}/${volume.name}`;
    await machine.step('lvcreate', subject, () => {
      const [first] = volume.segments;
      const disk = first && diskOf(first.physicalVolume);
      if (disk !== undefined) [volume.content, disk.freed] = [disk.freed, emptyContent()];
      volume.tags.add(unwipedTag);
      group.volumes.set(volume.name, volume);
    });
    await machine.step('activate', subject, () => machine.activate(volume));
    await machine.step('wipe', subject, () => {
      volume.content = emptyContent();
    });
    await machine.step('lvchange', subject, () => volume.tags.delete(unwipedTag));
  };

  /** Writes LVM's label, unless the disk carries an unused one from an earlier, interrupted try. */
  const label = async (device: DeviceIdentity, command: string): Promise<string> => {
    const disk = checkedDisk(machine, device, command);
    if (disk.physicalVolume === undefined)
      await machine.step('pvcreate', pathOf(disk), () => {
        disk.physicalVolume = { uuid: machine.newUuid(), used: false };
        disk.content.signatures = [{ type: 'LVM2_member' }];
      });
    return disk.physicalVolume?.uuid ?? refuse('FAILED', command);
  };
  const join = (group: SimulatedGroup, physicalVolume: string): void => {
    const disk = diskOf(physicalVolume);
    if (disk !== undefined) disk.physicalVolume = { uuid: physicalVolume, used: true, extents: roomOf(disk) };
    group.physicalVolumes.add(physicalVolume);
  };
  const diskMeant = (
    wanted: VolumeGroupReference,
    uuid: string,
    command: string,
  ): { group: SimulatedGroup; disk: SimulatedDisk } => {
    const group = groupMeant(wanted, command);
    const disk = group.physicalVolumes.has(uuid) ? diskOf(uuid) : undefined;
    if (disk === undefined) return refuse('DEVICE_NOT_FOUND', command);
    if ([...group.physicalVolumes].some(isDuplicate)) return refuse('PV_DUPLICATE', command);
    return { group, disk };
  };
  /** What the kernel's table of a volume names for one of its disks. */
  const numberOf = (volume: string, physicalVolume: string): string =>
    machine.kernel.dead.get(volume)?.get(physicalVolume) ??
    persistent.disks.find((disk) => disk.physicalVolume?.uuid === physicalVolume)?.majorMinor ??
    '0:0';
  const physicalVolumeAt = (path: string): string | undefined =>
    persistent.disks.find((disk) => disk.plugged && pathOf(disk) === path)?.physicalVolume?.uuid;

  return {
    volumeGroups: (signal) =>
      machine.call(signal, () =>
        visibleGroups()
          .map(groupSeen)
          .sort((a, b) => order(a.name + a.uuid, b.name + b.uuid)),
      ),

    physicalVolumes: (signal) =>
      machine.call(signal, () => {
        const present = persistent.disks.filter(isSeen);
        const groups = visibleGroups();
        const seen = present.flatMap((disk): PhysicalVolume[] => {
          const label = disk.physicalVolume;
          if (label === undefined) return [];
          const group = groups.find(({ physicalVolumes }) => physicalVolumes.has(label.uuid));
          return [
            {
              device: pathOf(disk),
              uuid: label.uuid,
              ...(group === undefined
                ? label.used && { groupAway: true as const }
                : { volumeGroup: { name: group.name, uuid: group.uuid } }),
              sizeBytes: group === undefined ? disk.sizeBytes : extentsOf(disk) * extentBytes,
              freeBytes: group === undefined ? disk.sizeBytes : freeBytesOn(group, label.uuid),
              deviceSizeBytes: disk.sizeBytes,
              firstExtentBytes: firstExtentAt(disk),
              majorMinor: disk.majorMinor,
              allocatable: group !== undefined && !group.closed.has(label.uuid),
              missing: isBehind(label),
              duplicate: isDuplicate(label.uuid),
            },
          ];
        });
        const missing = groups.flatMap((group) =>
          [...group.physicalVolumes].filter(isAway).map((uuid): PhysicalVolume => ({
            device: '[unknown]',
            uuid,
            volumeGroup: { name: group.name, uuid: group.uuid },
            sizeBytes: extentsIn(uuid) * extentBytes,
            freeBytes: freeBytesOn(group, uuid),
            deviceSizeBytes: 0,
            firstExtentBytes: 0,
            allocatable: true,
            missing: true,
            duplicate: false,
          })),
        );
        return [...seen, ...missing].sort((a, b) => order(a.device + a.uuid, b.device + b.uuid));
      }),

    ...simulatedPhysicalVolumeTools(machine, {
      visibleGroups,
      groupMeant,
      changeable,
      diskOf,
      isDuplicate,
      groupSeen,
      allocateOn: (group, physicalVolume, extents) =>
        takeFrom(
          freeSegments(group).filter((segment) => segment.physicalVolume === physicalVolume),
          extents,
        ),
    }),

    logicalVolumes: (signal) =>
      machine.call(signal, () =>
        visibleGroups()
          .flatMap((group) => [...group.volumes.values()].map((volume) => volumeSeen(group, volume)))
          .sort((a, b) => order(a.path, b.path)),
      ),

    mappings: (signal) =>
      machine.call(signal, () =>
        visibleGroups()
          .flatMap(({ volumes }) => [...volumes.values()])
          .filter(({ uuid }) => machine.kernel.active.has(uuid))
          .map(({ uuid, segments }) => ({
            uuid,
            devices: [...new Set(segments.map(({ physicalVolume }) => numberOf(uuid, physicalVolume)))].sort(),
          }))
          .sort((a, b) => order(a.uuid, b.uuid)),
      ),

    restorePhysicalVolume: ({ volumeGroup, uuid }, signal) =>
      machine.call(signal, async () => {
        const command = `vgextend --restoremissing ${volumeGroup.name} with disk ${uuid}`;
        const { group, disk } = diskMeant(volumeGroup, uuid, command);
        if (disk.physicalVolume?.outdated === true)
          await machine.step('vgextend --restoremissing', `${group.name} ${pathOf(disk)}`, () => {
            delete disk.physicalVolume?.outdated;
          });
        return groupSeen(group);
      }),

    resizePhysicalVolume: ({ volumeGroup, uuid }, signal) =>
      machine.call(signal, async () => {
        const command = `pvresize of disk ${uuid} of ${volumeGroup.name}`;
        const { group, disk } = diskMeant(volumeGroup, uuid, command);
        if (roomOf(disk) > extentsOf(disk)) {
          changeable(group, command);
          await machine.step('pvresize', pathOf(disk), () => {
            if (disk.physicalVolume !== undefined) disk.physicalVolume.extents = roomOf(disk);
          });
        }
        return groupSeen(group);
      }),

    refreshLogicalVolumes: ({ volumeGroup, uuids }, signal) =>
      machine.call(signal, async () => {
        const group = groupMeant(volumeGroup, `lvchange --refresh in ${volumeGroup.name}`);
        const { dead } = machine.kernel;
        for (const volume of [...group.volumes.values()].filter(({ uuid }) => uuids.includes(uuid) && dead.has(uuid)))
          await machine.step('lvchange --refresh', `${group.name}/${volume.name}`, () => dead.delete(volume.uuid));
      }),

    createVolumeGroup: ({ name, device, tags }, signal) =>
      machine.call(signal, async () => {
        const command = `vgcreate ${name} on ${device.path}`;
        checkName(name, command);
        checkTags(tags, command);
        const existing = visibleGroups().find((group) => group.name === name);
        if (existing !== undefined) {
          const physicalVolume = physicalVolumeAt(device.path);
          const same =
            tags.every((tag) => existing.tags.has(tag)) &&
            physicalVolume !== undefined &&
            existing.physicalVolumes.has(physicalVolume);
          return same ? groupSeen(existing) : refuse('VG_EXISTS', command);
        }
        const physicalVolume = await label(device, command);
        const group: SimulatedGroup = {
          name,
          uuid: machine.newUuid(),
          tags: new Set(tags),
          physicalVolumes: new Set(),
          closed: new Set(),
          move: undefined,
          volumes: new Map(),
        };
        await machine.step('vgcreate', name, () => {
          join(group, physicalVolume);
          persistent.groups.push(group);
        });
        return groupSeen(group);
      }),

    extendVolumeGroup: ({ volumeGroup, device }, signal) =>
      machine.call(signal, async () => {
        const command = `vgextend ${volumeGroup.name} with ${device.path}`;
        const group = groupMeant(volumeGroup, command);
        const present = physicalVolumeAt(device.path);
        if (present !== undefined && group.physicalVolumes.has(present)) return groupSeen(group);
        changeable(group, command);
        const physicalVolume = await label(device, command);
        await machine.step('vgextend', `${group.name} ${device.path}`, () => join(group, physicalVolume));
        return groupSeen(group);
      }),

    changeVolumeGroupTags: ({ volumeGroup, add = [], remove = [] }, signal) =>
      machine.call(signal, async () => {
        const command = `vgchange tags of ${volumeGroup.name}`;
        checkTags([...add, ...remove], command);
        const group = groupMeant(volumeGroup, command);
        if (isRetagged(group.tags, add, remove)) return groupSeen(group);
        taggable(group, command);
        await machine.step('vgchange', group.name, () => {
          retag(group.tags, add, remove);
          leaveAbsentBehind(group);
        });
        return groupSeen(group);
      }),

    activateVolumeGroup: (volumeGroup, signal) =>
      machine.call(signal, async () => {
        const group = groupMeant(volumeGroup, `vgchange -ay ${volumeGroup.name}`);
        for (const volume of [...group.volumes.values()].filter(({ tags }) => tags.has(unwipedTag)))
          await remove(group, volume);
        const idle = [...group.volumes.values()].filter((volume) => machine.isActivatable(volume));
        if (idle.length > 0)
          await machine.step('vgchange -ay', group.name, () => idle.forEach((volume) => machine.activate(volume)));
      }),

    createLogicalVolume: ({ volumeGroup, name, sizeBytes, tags }, signal) =>
      machine.call(signal, async () => {
        const command = `lvcreate ${name} in ${volumeGroup.name}`;
        checkVolumeName(volumeGroup.name, name, command);
        checkSize(sizeBytes, command);
        checkTags(tags, command);
        const group = groupMeant(volumeGroup, command);
        const existing = group.volumes.get(name);
        if (existing !== undefined) {
          if (!tags.every((tag) => existing.tags.has(tag))) return refuse('LV_NOT_OURS', command);
          if (!existing.tags.has(unwipedTag)) {
            if (sizeOf(existing) < sizeBytes) return refuse('LV_TOO_SMALL', command);
            if (machine.isActivatable(existing))
              await machine.step('lvchange -ay', `${group.name}/${name}`, () => machine.activate(existing));
            const seen = volumeSeen(group, existing);
            return seen.active ? seen : refuse('FAILED', command);
          }
        }
        changeable(group, command);
        if (existing !== undefined) await remove(group, existing);
        const volume: SimulatedVolume = {
          name,
          uuid: machine.newUuid(),
          segments: allocate(group, Math.ceil(sizeBytes / extentBytes), command),
          tags: new Set(tags),
          content: emptyContent(),
        };
        await make(group, volume);
        return volumeSeen(group, volume);
      }),

    extendLogicalVolume: ({ volumeGroup, name, uuid, sizeBytes }, signal) =>
      machine.call(signal, async () => {
        const command = `lvextend ${name} in ${volumeGroup.name}`;
        checkSize(sizeBytes, command);
        const group = groupMeant(volumeGroup, command);
        const volume = volumeMeant(group, name, uuid, command);
        if (sizeOf(volume) < sizeBytes) {
          changeable(group, command);
          unlocked(group, volume, command);
          const more = allocate(group, Math.ceil((sizeBytes - sizeOf(volume)) / extentBytes), command);
          await machine.step('lvextend', `${group.name}/${name}`, () => volume.segments.push(...more));
        }
        return volumeSeen(group, volume);
      }),

    removeLogicalVolume: ({ volumeGroup, name, uuid, requireTags }, signal) =>
      machine.call(signal, async () => {
        const command = `lvremove ${name} in ${volumeGroup.name}`;
        checkTags(requireTags, command);
        const group = groupMeant(volumeGroup, command);
        const volume = group.volumes.get(name);
        if (volume === undefined) return;
        if (volume.uuid !== uuid) refuse('LV_CHANGED', command);
        if (!requireTags.every((tag) => volume.tags.has(tag))) refuse('LV_NOT_OURS', command);
        const opener = machine.openerOf(group, volume);
        if (opener !== undefined) refuse('DEVICE_IN_USE', command, opener);
        unlocked(group, volume, command);
        await remove(group, volume);
      }),

    changeLogicalVolumeTags: ({ volumeGroup, name, uuid, add = [], remove = [] }, signal) =>
      machine.call(signal, async () => {
        const command = `lvchange tags of ${name} in ${volumeGroup.name}`;
        checkTags([...add, ...remove], command);
        const group = groupMeant(volumeGroup, command);
        const volume = volumeMeant(group, name, uuid, command);
        if (isRetagged(volume.tags, add, remove)) return volumeSeen(group, volume);
        taggable(group, command);
        await machine.step('lvchange', `${group.name}/${name}`, () => {
          retag(volume.tags, add, remove);
          leaveAbsentBehind(group);
        });
        return volumeSeen(group, volume);
      }),
  };
}

/** LVM knows a disk by a label that it can read. */
const isSeen = ({ plugged, unreadable }: SimulatedDisk): boolean => plugged && !unreadable;

/** What of a group stands on one of its disks, a move that has begun included. */
const usedOn = ({ volumes, move }: SimulatedGroup, physicalVolume: string): Segment[] =>
  [...[...volumes.values()].flatMap(({ segments }) => segments), ...(move?.copies ?? [])].filter(
    (segment) => segment.physicalVolume === physicalVolume,
  );

/** Room between what is used on a disk of so many extents, in its order. */
function gapsBetween(used: readonly Segment[], physicalVolume: string, extents: number): Segment[] {
  const gaps: Segment[] = [];
  let first = 0;
  for (const next of [...used.toSorted((a, b) => a.first - b.first), { first: extents, extents: 0 }]) {
    if (next.first > first) gaps.push({ physicalVolume, first, extents: next.first - first });
    first = next.first + next.extents;
  }
  return gaps;
}

/** So many extents of what is free, or undefined where they do not fit. */
function takeFrom(free: readonly Segment[], extents: number): Segment[] | undefined {
  const taken: Segment[] = [];
  let wanted = extents;
  for (const segment of free) {
    const take = Math.min(segment.extents, wanted);
    if (take > 0) taken.push({ ...segment, extents: take });
    wanted -= take;
  }
  return wanted === 0 ? taken : undefined;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const isRetagged = (tags: Set<string>, add: readonly string[], remove: readonly string[]): boolean =>
  add.every((tag) => tags.has(tag)) && !remove.some((tag) => tags.has(tag));
function retag(tags: Set<string>, add: readonly string[], remove: readonly string[]): void {
  for (const tag of remove) tags.delete(tag);
  for (const tag of add) tags.add(tag);
}
