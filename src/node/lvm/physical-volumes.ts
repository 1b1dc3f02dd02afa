import type {
  PhysicalVolume,
  PhysicalVolumeReference,
  UsedExtents,
  VolumeGroup,
  VolumeGroupReference,
} from '../../api/observed/index.ts';
import { actThenLook } from '../act.ts';
import { refuse } from '../refuse.ts';
import type { RunOptions } from '../run.ts';
import type { Serial } from '../serial.ts';
import type { PhysicalVolumeTools } from '../tools.ts';
import { type CheckDevice, findGroup } from './groups.ts';
import type { Lvm } from './lvm.ts';
import { pvSegments } from './pv-segments.ts';
import { pvchangeAllocatable } from './pvchange.ts';
import { pvmove, pvmoveAbort, pvmoveFinish } from './pvmove.ts';
import { pvremove } from './pvremove.ts';
import { pvs } from './pvs.ts';
import { vgchangeActivate } from './vgchange.ts';
import { vgreduce } from './vgreduce.ts';

interface Options {
  readonly checkDevice: CheckDevice;
  readonly inTurn: Serial;
}

type Changes = Omit<PhysicalVolumeTools, 'usedExtents'>;

/**
 * Changes of the disks of a group: each looks, acts and looks again. A move takes minutes, and lvm itself holds the group
 * only at its beginning and end, so moves wait for each other and not in turn with other changes: a volume can be made
 * meanwhile. What stands on a disk that is closed to new volumes only goes, so a look before a move can't become wrong in
 * any other way than that there is less to move.
 */
export function physicalVolumeTools(lvm: Lvm, { checkDevice, inTurn }: Options): Changes {
  const moveInTurn = <T>({ name }: VolumeGroupReference, work: () => Promise<T>): Promise<T> =>
    inTurn(`move in ${name}`, work);

  /** The physical volume that was meant, wherever it belongs now. */
  const find = async (
    wanted: PhysicalVolumeReference,
    command: string,
    options: RunOptions,
  ): Promise<PhysicalVolume | undefined> => {
    const found = (await pvs(lvm, options)).find(({ uuid }) => uuid === wanted.uuid);
    if (found?.missing === true) refuse('PV_MISSING', command);
    if (found?.duplicate === true) refuse('PV_DUPLICATE', command);
    if (found !== undefined && found.device !== wanted.device)
      refuse('DEVICE_CHANGED', command, `the physical volume is on ${found.device} now`);
    return found;
  };
  /** The same, in the group that was meant. */
  const member = async (
    group: VolumeGroupReference,
    wanted: PhysicalVolumeReference,
    command: string,
    options: RunOptions,
  ): Promise<PhysicalVolume> => {
    const found = await find(wanted, command, options);
    return found?.volumeGroup?.uuid === group.uuid ? found : refuse('PV_NOT_FOUND', command);
  };
  const changeable = async (
    wanted: VolumeGroupReference,
    command: string,
    options: RunOptions,
  ): Promise<VolumeGroup> => {
    const group = await findGroup(lvm, wanted, command, options);
    return group.missingPhysicalVolumeCount > 0 ? refuse('PV_MISSING', command) : group;
  };
  const isMoving = async ({ uuid }: PhysicalVolumeReference, options: RunOptions): Promise<boolean> =>
    (await pvSegments(lvm, options)).some(({ movedFrom }) => movedFrom === uuid);

  /** Ends what was begun, one way or the other. A group that is not active lets lvm do nothing about it. */
  const endMove = (
    group: VolumeGroupReference,
    from: PhysicalVolumeReference,
    how: { command: string; end: typeof pvmoveFinish },
    signal: AbortSignal,
  ): Promise<void> =>
    moveInTurn(group, async () => {
      const { command, end } = how;
      const options = { signal, on: group.name };
      await findGroup(lvm, group, command, options);
      await member(group, from, command, options);
      if (!(await isMoving(from, options))) return;
      await actThenLook(
        command,
        async () => {
          await vgchangeActivate(lvm, group.name, options);
          await end(lvm, from.device, options);
        },
        async () => ((await isMoving(from, options)) ? undefined : 'ended'),
      );
    });

  return {
    changeAllocation: ({ volumeGroup, physicalVolume, allocatable }, signal) =>
      inTurn(volumeGroup.name, async () => {
        const options = { signal, on: volumeGroup.name };
        const command = `${allocatable ? 'open' : 'close'} ${physicalVolume.device} to volumes of ${volumeGroup.name}`;
        await changeable(volumeGroup, command, options);
        const changed = async (): Promise<PhysicalVolume | undefined> => {
          const found = await member(volumeGroup, physicalVolume, command, options);
          return found.allocatable === allocatable ? found : undefined;
        };
        const before = await changed();
        if (before !== undefined) return before;
        return actThenLook(
          command,
          () => pvchangeAllocatable(lvm, physicalVolume.device, allocatable, options),
          changed,
        );
      }),

    moveExtents: ({ volumeGroup, volume, from, first, count, to }, signal) =>
      moveInTurn(volumeGroup, async () => {
        const options = { signal, on: volumeGroup.name };
        const command = `move ${volume.name} from ${from.device} to ${to.device}`;
        await changeable(volumeGroup, command, options);
        await member(volumeGroup, from, command, options);
        await member(volumeGroup, to, command, options);
        const left = async (): Promise<UsedExtents[]> =>
          (await pvSegments(lvm, options)).filter(
            (run) => run.movedFrom === from.uuid || isWithin(run, { physicalVolume: from.uuid, first, count, volume }),
          );
        const before = await left();
        if (before.some(({ kind }) => kind === 'moving'))
          refuse('LV_MOVING', command, `a move off ${from.device} is under way`);
        if (before.length === 0) return;
        if (before.some(({ kind }) => kind === 'other')) refuse('PV_IN_USE', command, 'it is no plain linear volume');
        if (before.some((run) => run.volume.name !== volume.name)) refuse('LV_CHANGED', command);
        await actThenLook(
          command,
          () => pvmove(lvm, { volume: volume.name, from: from.device, first, count, to: to.device }, options),
          async () => ((await left()).length === 0 ? 'moved' : undefined),
        );
      }),

    finishMove: ({ volumeGroup, from }, signal) =>
      endMove(volumeGroup, from, { command: `end the move off ${from.device}`, end: pvmoveFinish }, signal),

    abortMove: ({ volumeGroup, from }, signal) =>
      endMove(volumeGroup, from, { command: `take back the move off ${from.device}`, end: pvmoveAbort }, signal),

    reduceVolumeGroup: ({ volumeGroup, physicalVolume }, signal) =>
      inTurn(volumeGroup.name, async () => {
        const options = { signal, on: volumeGroup.name };
        const { device } = physicalVolume;
        const command = `vgreduce ${volumeGroup.name} by ${device}`;
        const group = await changeable(volumeGroup, command, options);
        const before = await find(physicalVolume, command, options);
        if (before === undefined || (before.volumeGroup !== undefined && before.volumeGroup.uuid !== group.uuid))
          return refuse('PV_NOT_FOUND', command);
        if (before.volumeGroup === undefined) return group;
        const used = (await pvSegments(lvm, options)).filter((run) => run.physicalVolume === before.uuid);
        if (used.length > 0) refuse('PV_IN_USE', command, used.map(({ volume }) => volume.name).join(', '));
        if (group.physicalVolumeCount === 1) refuse('PV_IN_USE', command, 'it is the only one of the group');
        return actThenLook(
          command,
          () => vgreduce(lvm, { name: group.name, device }, options),
          async () => {
            const after = await find(physicalVolume, command, options);
            return after?.volumeGroup === undefined ? findGroup(lvm, volumeGroup, command, options) : undefined;
          },
        );
      }),

    removePhysicalVolume: ({ uuid, device }, signal) =>
      inTurn(device.path, async () => {
        const options = { signal, on: device.path };
        const command = `pvremove ${device.path}`;
        const labelled = async (): Promise<PhysicalVolume | undefined> => {
          const found = await find({ uuid, device: device.path }, command, options);
          if (found?.volumeGroup !== undefined)
            refuse('PV_IN_USE', command, `volume group ${found.volumeGroup.name} has it`);
          if (found?.groupAway === true)
            refuse('PV_IN_USE', command, 'a volume group has it whose other disks are away');
          return found;
        };
        // An unplugged disk has no label either.
        await checkDevice(device, command, options);
        if ((await labelled()) === undefined) return;
        await actThenLook(
          command,
          () => pvremove(lvm, device.path, options),
          async () => ((await labelled()) === undefined ? 'blank' : undefined),
        );
      }),
  };
}

/** Extents of that volume that lie in that range of a disk. */
const isWithin = (
  run: UsedExtents,
  { physicalVolume, first, count, volume }: Omit<UsedExtents, 'volumeGroup' | 'kind'>,
): boolean =>
  run.physicalVolume === physicalVolume &&
  run.volume.uuid === volume.uuid &&
  run.first < first + count &&
  first < run.first + run.count;
