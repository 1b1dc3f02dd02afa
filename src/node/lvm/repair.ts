import {
  growthExtents,
  isStale,
  type LogicalVolume,
  type PhysicalVolume,
  type VolumeGroup,
  type VolumeGroupReference,
  type VolumeMapping,
} from '../../api/observed/index.ts';
import { actThenLook } from '../act.ts';
import { refuse } from '../refuse.ts';
import type { RunOptions } from '../run.ts';
import type { LvmTools } from '../tools.ts';
import { findGroup } from './groups.ts';
import { lvchangeActivate, lvchangeDeactivate, lvchangeRefresh } from './lvchange.ts';
import type { Lvm } from './lvm.ts';
import { lvs } from './lvs.ts';
import { pvresize } from './pvresize.ts';
import { pvs } from './pvs.ts';
import { vgextendRestoreMissing } from './vgextend.ts';

type RepairTools = Pick<LvmTools, 'restorePhysicalVolume' | 'resizePhysicalVolume' | 'refreshLogicalVolumes'>;

export interface RepairToolsOptions {
  readonly mappings: (options: RunOptions) => Promise<VolumeMapping[]>;
  /** Reads a device, whoever uses it. @throws CommandError `DEVICE_UNREADABLE`, `DEVICE_NOT_FOUND` */
  readonly checkReadable: (device: string, command: string, options: RunOptions) => Promise<void>;
}

/** What a pool needs when a disk of it comes back or grows: each looks, acts and looks again. */
export function repairTools(lvm: Lvm, { mappings, checkReadable }: RepairToolsOptions): RepairTools {
  /** The group and one disk of it, as they are now; a disk of which LVM sees two is nobody's to change. */
  const look = async (
    wanted: VolumeGroupReference,
    uuid: string,
    command: string,
    options: RunOptions,
  ): Promise<{ group: VolumeGroup; physical: PhysicalVolume }> => {
    const group = await findGroup(lvm, wanted, command, options);
    const disks = (await pvs(lvm, options)).filter((physical) => physical.volumeGroup?.uuid === group.uuid);
    const physical = disks.find((disk) => disk.uuid === uuid);
    if (physical === undefined) return refuse('DEVICE_NOT_FOUND', command, `${group.name} has no disk ${uuid}`);
    if (disks.some(({ duplicate }) => duplicate)) refuse('PV_DUPLICATE', command);
    if (physical.majorMinor === undefined) refuse('DEVICE_NOT_FOUND', command, `disk ${uuid} is not there`);
    return { group, physical };
  };
  const staleAmong = async (
    group: VolumeGroupReference,
    uuids: readonly string[],
    options: RunOptions,
  ): Promise<LogicalVolume[]> => {
    const disks = await pvs(lvm, options);
    const maps = await mappings(options);
    return (await lvs(lvm, options))
      .map(({ volume }) => volume)
      .filter(({ uuid, volumeGroup }) => volumeGroup.uuid === group.uuid && uuids.includes(uuid))
      .filter((volume) =>
        isStale(
          volume,
          maps.find(({ uuid }) => uuid === volume.uuid),
          disks,
        ),
      );
  };

  return {
    async restorePhysicalVolume({ volumeGroup, uuid }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `vgextend --restoremissing ${volumeGroup.name} with disk ${uuid}`;
      const { group, physical } = await look(volumeGroup, uuid, command, options);
      if (!physical.missing) return group;
      const { device } = physical;
      await checkReadable(device, command, options);
      return actThenLook(
        command,
        () => vgextendRestoreMissing(lvm, { name: group.name, device }, options),
        async () => {
          const after = await look(volumeGroup, uuid, command, options);
          return after.physical.missing ? undefined : after.group;
        },
      );
    },

    async resizePhysicalVolume({ volumeGroup, uuid }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `pvresize of disk ${uuid} of ${volumeGroup.name}`;
      const grown = async (): Promise<VolumeGroup | undefined> => {
        const { group, physical } = await look(volumeGroup, uuid, command, options);
        return growthExtents(physical, group) > 0 ? undefined : group;
      };
      const { group, physical } = await look(volumeGroup, uuid, command, options);
      if (growthExtents(physical, group) === 0) return group;
      if (group.missingPhysicalVolumeCount > 0) refuse('PV_MISSING', command);
      return actThenLook(command, () => pvresize(lvm, physical.device, options), grown);
    },

    async refreshLogicalVolumes({ volumeGroup, uuids }, signal) {
      const options = { signal, on: volumeGroup.name };
      const command = `lvchange --refresh in ${volumeGroup.name}`;
      const { name: group } = await findGroup(lvm, volumeGroup, command, options);
      const refresh = async ({ name, uuid, open }: LogicalVolume): Promise<void> => {
        const chosen = { group, name, uuid };
        // The old table is flushed before the new one is used, which a dead device may refuse; an idle volume has no need of it.
        if (open) return lvchangeRefresh(lvm, chosen, options);
        await lvchangeDeactivate(lvm, chosen, options);
        await lvchangeActivate(lvm, chosen, options);
      };
      const stale = await staleAmong(volumeGroup, uuids, options);
      if (stale.length === 0) return;
      await actThenLook(
        command,
        async () => {
          const failures: unknown[] = [];
          // One that can't be refreshed is no reason to leave the others to a dead disk.
          for (const volume of stale) await refresh(volume).catch((error: unknown) => failures.push(error));
          if (failures.length > 0) throw failures[0];
        },
        async () => ((await staleAmong(volumeGroup, uuids, options)).length === 0 ? 'fresh' : undefined),
      );
    },
  };
}
