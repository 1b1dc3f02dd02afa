import type { LogicalVolume, VolumeGroupReference } from '../../api/observed/index.ts';
import { unwipedTag } from '../../api/tags.ts';
import { actThenLook } from '../act.ts';
import { pause } from '../pause.ts';
import { refuse } from '../refuse.ts';
import type { RunOptions } from '../run.ts';
import type { Serial } from '../serial.ts';
import type { Look } from '../shared-look.ts';
import type { LvmTools } from '../tools.ts';
import { findGroup } from './groups.ts';
import { lvchangeActivate, lvchangeTags } from './lvchange.ts';
import { lvcreate } from './lvcreate.ts';
import { lvextend } from './lvextend.ts';
import type { Lvm } from './lvm.ts';
import { lvremove } from './lvremove.ts';
import type { PlacedVolume } from './lvs.ts';
import { checkSize, checkTags, checkVolumeName } from './names.ts';
import { isChanged } from './tag-change.ts';

interface VolumeTools extends Pick<
  LvmTools,
  'createLogicalVolume' | 'extendLogicalVolume' | 'removeLogicalVolume' | 'changeLogicalVolumeTags'
> {
  /** Removes those of a group whose making was cut short before they were wiped. */
  readonly removeUnwiped: (volumeGroup: VolumeGroupReference, signal: AbortSignal) => Promise<void>;
}

interface VolumeToolsOptions {
  readonly look: Look<PlacedVolume[]>;
  readonly inTurn: Serial;
  /** Lets udev end its own short looks at devices. */
  readonly settle: (options: RunOptions) => Promise<void>;
  /** Between two looks at a volume that another process may be making, or letting go of, just now. */
  readonly pauseMs?: number;
}

/** A look at volumes and one at groups must not contradict each other; as often both are taken. */
const looksThatAgree = 3;
/** As often a volume that is open is looked at again, udev having been waited for. */
const settledLooks = 3;
/** As often is looked again whether somebody finishes a volume. */
const patientLooks = 3;

/** Changes of logical volumes: each looks, acts and looks again. */
export function volumeTools(lvm: Lvm, { look, inTurn, settle, pauseMs = 1000 }: VolumeToolsOptions): VolumeTools {
  /**
   * The volumes of the group that was meant. One look at all volumes shows their groups as well; a group without any
   * shows only in a look at groups.
   * @throws CommandError `VG_NOT_FOUND`, `VG_CHANGED`, `VG_AMBIGUOUS`
   */
  const lookInto = async (
    wanted: VolumeGroupReference,
    command: string,
    options: RunOptions,
  ): Promise<{ volumes: LogicalVolume[]; missingPhysicalVolumeCount: number }> => {
    for (let looks = 0; looks < looksThatAgree; looks++) {
      const placed = (await look(options.signal)).filter(({ volume }) => volume.volumeGroup.name === wanted.name);
      const inside = placed.filter(({ volume }) => volume.volumeGroup.uuid === wanted.uuid);
      const [first] = inside;
      if (first !== undefined && inside.length < placed.length) refuse('VG_AMBIGUOUS', command);
      if (first !== undefined)
        return {
          volumes: inside.map(({ volume }) => volume),
          missingPhysicalVolumeCount: first.missingPhysicalVolumeCount,
        };
      const { logicalVolumeCount, missingPhysicalVolumeCount } = await findGroup(lvm, wanted, command, options);
      if (logicalVolumeCount === 0) return { volumes: [], missingPhysicalVolumeCount };
    }
    return refuse('FAILED', command, 'the volumes of the group change faster than they can be looked at');
  };
  /** The volume that was meant, as it is now. */
  const findMeant = async (
    group: VolumeGroupReference,
    { name, uuid }: { name: string; uuid: string },
    command: string,
    options: RunOptions,
  ): Promise<{ volume: LogicalVolume; missingPhysicalVolumeCount: number }> => {
    const { volumes, missingPhysicalVolumeCount } = await lookInto(group, command, options);
    const volume = volumes.find((volume) => volume.name === name);
    if (volume === undefined) return refuse('LV_NOT_FOUND', command);
    return volume.uuid === uuid ? { volume, missingPhysicalVolumeCount } : refuse('LV_CHANGED', command);
  };
  /** The volume once nobody is making it any more; unwiped even then: who made it has died. */
  const abandoned = async (
    find: () => Promise<LogicalVolume | undefined>,
    command: string,
    signal: AbortSignal,
  ): Promise<LogicalVolume | undefined> => {
    let volume = await find();
    for (let looks = 0; looks < patientLooks && volume !== undefined && isUnwiped(volume); looks++) {
      await pause(pauseMs, command, signal);
      volume = await find();
    }
    return volume;
  };
  /** Removes a volume that nobody was ever handed. */
  const removeAbandoned = async (
    { name: group }: VolumeGroupReference,
    { name, uuid }: LogicalVolume,
    options: RunOptions,
  ): Promise<void> => {
    await lvremove(lvm, { group, name, uuid, tags: [unwipedTag] }, options);
  };

  return {
    async createLogicalVolume({ volumeGroup, name, sizeBytes, tags }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `lvcreate ${name} in ${volumeGroup.name}`;
      checkVolumeName(volumeGroup.name, name, command);
      checkSize(sizeBytes, command);
      checkTags(tags, command);
      const group = volumeGroup.name;
      let changeable = true;
      const find = async (): Promise<LogicalVolume | undefined> => {
        const { volumes, missingPhysicalVolumeCount } = await lookInto(volumeGroup, command, options);
        changeable = missingPhysicalVolumeCount === 0;
        const volume = volumes.find((volume) => volume.name === name);
        if (volume === undefined) return undefined;
        if (!tags.every((tag) => volume.tags.includes(tag))) return refuse('LV_NOT_OURS', command);
        return isUnwiped(volume) || volume.sizeBytes >= sizeBytes ? volume : refuse('LV_TOO_SMALL', command);
      };
      const create = async (): Promise<void> => {
        const before = await abandoned(find, command, signal);
        if (before?.active === true) return;
        if (before !== undefined && !isUnwiped(before))
          return lvchangeActivate(lvm, { group, name, uuid: before.uuid, tags }, options);
        if (!changeable) refuse('PV_MISSING', command);
        if (before !== undefined) await removeAbandoned(volumeGroup, before, options);
        await lvcreate(lvm, { group, name, sizeBytes, tags: [...tags, unwipedTag] }, options);
        const made = await find();
        if (made !== undefined && isUnwiped(made))
          await lvchangeTags(lvm, { group, name, uuid: made.uuid, tags }, { remove: [unwipedTag] }, options);
      };
      // The look afterwards is out of turn, so that many creations share one.
      return actThenLook(
        command,
        () => inTurn(group, create),
        async () => {
          const after = await abandoned(find, command, signal);
          return after?.active === true ? after : undefined;
        },
      );
    },

    async removeUnwiped(volumeGroup, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `lvremove what is unwiped in ${volumeGroup.name}`;
      const { volumes } = await lookInto(volumeGroup, command, options);
      for (const { uuid } of volumes.filter(isUnwiped)) {
        const find = async (): Promise<LogicalVolume | undefined> =>
          (await lookInto(volumeGroup, command, options)).volumes.find((volume) => volume.uuid === uuid);
        const volume = await abandoned(find, command, signal);
        if (volume !== undefined && isUnwiped(volume)) await removeAbandoned(volumeGroup, volume, options);
      }
    },

    async extendLogicalVolume({ volumeGroup, name, uuid, sizeBytes }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `lvextend ${name} in ${volumeGroup.name}`;
      checkSize(sizeBytes, command);
      const before = await findMeant(volumeGroup, { name, uuid }, command, options);
      if (before.volume.sizeBytes >= sizeBytes) return before.volume;
      if (before.missingPhysicalVolumeCount > 0) refuse('PV_MISSING', command);
      return actThenLook(
        command,
        () => lvextend(lvm, { group: volumeGroup.name, name, sizeBytes }, options),
        async () => {
          const { volume } = await findMeant(volumeGroup, { name, uuid }, command, options);
          return volume.sizeBytes >= sizeBytes ? volume : undefined;
        },
      );
    },

    async removeLogicalVolume({ volumeGroup, name, uuid, requireTags }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `lvremove ${name} in ${volumeGroup.name}`;
      checkTags(requireTags, command);
      const find = async (): Promise<LogicalVolume | undefined> =>
        (await lookInto(volumeGroup, command, options)).volumes.find((volume) => volume.name === name);
      let volume = await find();
      for (let looks = 0; looks < settledLooks && volume?.open === true; looks++) {
        await settle(options);
        // A command of an executor that was killed lets go only when the kernel has ended it.
        await pause(pauseMs, command, signal);
        volume = await find();
      }
      if (volume === undefined) return;
      const { tags } = volume;
      if (volume.uuid !== uuid) refuse('LV_CHANGED', command);
      if (!requireTags.every((tag) => tags.includes(tag))) refuse('LV_NOT_OURS', command);
      if (volume.open) refuse('DEVICE_IN_USE', command, 'it is open');
      await actThenLook(
        command,
        () => lvremove(lvm, { group: volumeGroup.name, name, uuid, tags: requireTags }, options),
        async () => ((await find()) === undefined ? 'gone' : undefined),
      );
    },

    async changeLogicalVolumeTags({ volumeGroup, name, uuid, ...change }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `lvchange tags of ${name} in ${volumeGroup.name}`;
      checkTags([...(change.add ?? []), ...(change.remove ?? [])], command);
      const changed = async (): Promise<LogicalVolume | undefined> => {
        const { volume } = await findMeant(volumeGroup, { name, uuid }, command, options);
        return isChanged(volume.tags, change) ? volume : undefined;
      };
      const before = await changed();
      if (before !== undefined) return before;
      return actThenLook(
        command,
        () => lvchangeTags(lvm, { group: volumeGroup.name, name, uuid }, change, options),
        changed,
      );
    },
  };
}

const isUnwiped = ({ tags }: LogicalVolume): boolean => tags.includes(unwipedTag);
