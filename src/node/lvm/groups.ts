import type { DeviceIdentity, VolumeGroup, VolumeGroupReference } from '../../api/observed/index.ts';
import { actThenLook } from '../act.ts';
import { refuse } from '../refuse.ts';
import type { RunOptions } from '../run.ts';
import type { LvmTools } from '../tools.ts';
import type { Lvm } from './lvm.ts';
import { lvs } from './lvs.ts';
import { checkName, checkTags } from './names.ts';
import { pvs } from './pvs.ts';
import { isChanged } from './tag-change.ts';
import { vgchangeActivate, vgchangeTags } from './vgchange.ts';
import { vgcreate } from './vgcreate.ts';
import { vgextend } from './vgextend.ts';
import { vgs } from './vgs.ts';

/**
 * Looks at a disk anew, right before something irreversible.
 * @throws CommandError `DEVICE_CHANGED`, `DEVICE_IN_USE`, `DEVICE_UNREADABLE`, `SIGNATURE_FOUND`, `DEVICE_NOT_FOUND`
 */
export type CheckDevice = (device: DeviceIdentity, command: string, options: RunOptions) => Promise<void>;

/** The group that was meant, as it is now. @throws CommandError `VG_NOT_FOUND`, `VG_CHANGED`, `VG_AMBIGUOUS` */
export async function findGroup(
  lvm: Lvm,
  wanted: VolumeGroupReference,
  command: string,
  options: RunOptions,
): Promise<VolumeGroup> {
  const named = (await vgs(lvm, options)).filter(({ name }) => name === wanted.name);
  const group = named.find(({ uuid }) => uuid === wanted.uuid);
  if (group === undefined) return refuse(named.length === 0 ? 'VG_NOT_FOUND' : 'VG_CHANGED', command);
  // A further command would name it by its name alone.
  if (named.length > 1) return refuse('VG_AMBIGUOUS', command);
  return group;
}

type GroupTools = Pick<
  LvmTools,
  'createVolumeGroup' | 'extendVolumeGroup' | 'changeVolumeGroupTags' | 'activateVolumeGroup'
>;

/** Changes of volume groups: each looks, acts and looks again. */
export function groupTools(lvm: Lvm, checkDevice: CheckDevice): GroupTools {
  const holds = async (group: VolumeGroupReference, device: string, options: RunOptions): Promise<boolean> =>
    (await pvs(lvm, options)).some((pv) => pv.device === device && pv.volumeGroup?.uuid === group.uuid);

  return {
    async createVolumeGroup({ name, device, tags }, signal) {
      const options = { signal, on: name };
      const command = `vgcreate ${name} on ${device.path}`;
      checkName(name, command);
      checkTags(tags, command);
      const made = async (): Promise<VolumeGroup | undefined> => {
        const group = (await vgs(lvm, options)).find((group) => group.name === name);
        if (group === undefined) return undefined;
        const isOurs = tags.every((tag) => group.tags.includes(tag)) && (await holds(group, device.path, options));
        return isOurs ? group : refuse('VG_EXISTS', command);
      };
      const before = await made();
      if (before !== undefined) return before;
      await checkDevice(device, command, options);
      return actThenLook(
        command,
        () => vgcreate(lvm, { name, device: device.path, sizeBytes: device.sizeBytes, tags }, options),
        made,
      );
    },

    async extendVolumeGroup({ volumeGroup, device }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `vgextend ${volumeGroup.name} with ${device.path}`;
      const look = async (): Promise<{ group: VolumeGroup; isIn: boolean }> => {
        const group = await findGroup(lvm, volumeGroup, command, options);
        return { group, isIn: await holds(group, device.path, options) };
      };
      const before = await look();
      if (before.isIn) return before.group;
      // lvm itself would take the disk (seen with 2.03.16), though the group can't be used before the others are back.
      if (before.group.missingPhysicalVolumeCount > 0) refuse('PV_MISSING', command);
      await checkDevice(device, command, options);
      return actThenLook(
        command,
        () => vgextend(lvm, { name: volumeGroup.name, device: device.path, sizeBytes: device.sizeBytes }, options),
        async () => {
          const { group, isIn } = await look();
          return isIn ? group : undefined;
        },
      );
    },

    async changeVolumeGroupTags({ volumeGroup, ...change }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `vgchange tags of ${volumeGroup.name}`;
      checkTags([...(change.add ?? []), ...(change.remove ?? [])], command);
      const changed = async (): Promise<VolumeGroup | undefined> => {
        const group = await findGroup(lvm, volumeGroup, command, options);
        return isChanged(group.tags, change) ? group : undefined;
      };
      const before = await changed();
      if (before !== undefined) return before;
      return actThenLook(command, () => vgchangeTags(lvm, volumeGroup.name, change, options), changed);
    },

    async activateVolumeGroup(volumeGroup, signal) {
      const options = { signal, on: volumeGroup.name };
      const { name, uuid } = await findGroup(lvm, volumeGroup, `activate ${volumeGroup.name}`, options);
      await vgchangeActivate(lvm, name, options).catch(async (error: unknown) => {
        // lvm fails over a volume that misses a disk, and has activated all others.
        const whole = (await lvs(lvm, options)).filter(
          ({ volume }) => volume.volumeGroup.uuid === uuid && volume.health === '',
        );
        if (whole.some(({ volume }) => !volume.active)) throw error;
      });
    },
  };
}
