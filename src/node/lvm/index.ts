import { checkReadable } from '../disk/check-readable.ts';
import { udevSettle } from '../disk/udevadm.ts';
import type { Run } from '../run.ts';
import { serial } from '../serial.ts';
import { sharedLook } from '../shared-look.ts';
import type { LvmTools } from '../tools.ts';
import { dmsetupInfo } from './dmsetup-info.ts';
import { type CheckDevice, groupTools } from './groups.ts';
import { lvm } from './lvm.ts';
import { lvs } from './lvs.ts';
import { physicalVolumeTools } from './physical-volumes.ts';
import { pvSegments } from './pv-segments.ts';
import { pvs } from './pvs.ts';
import { repairTools } from './repair.ts';
import { vgs } from './vgs.ts';
import { volumeTools } from './volumes.ts';

/** The host's own lvm; changes of one volume group run one after the other, and looks are shared. */
export function lvmTools(run: Run, checkDevice: CheckDevice): LvmTools {
  const command = lvm(run);
  const inTurn = serial();
  const look = sharedLook('lvs', (signal) => lvs(command, { signal }));
  const groups = groupTools(command, checkDevice);
  const volumes = volumeTools(command, { look, inTurn, settle: (options) => udevSettle(run, options) });
  const mappings = sharedLook('dmsetup info', (signal) => dmsetupInfo(run, { signal }));
  const repairs = repairTools(command, {
    mappings: ({ signal }) => mappings(signal),
    checkReadable: (device, doing, options) => checkReadable(run, device, doing, options),
  });
  return {
    volumeGroups: sharedLook('vgs', (signal) => vgs(command, { signal })),
    physicalVolumes: sharedLook('pvs', (signal) => pvs(command, { signal })),
    usedExtents: sharedLook('pvs --segments', (signal) => pvSegments(command, { signal })),
    ...physicalVolumeTools(command, { checkDevice, inTurn }),
    logicalVolumes: async (signal) => (await look(signal)).map(({ volume }) => volume),
    mappings,
    createVolumeGroup: (wanted, signal) => inTurn(wanted.name, () => groups.createVolumeGroup(wanted, signal)),
    extendVolumeGroup: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => groups.extendVolumeGroup(wanted, signal)),
    changeVolumeGroupTags: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => groups.changeVolumeGroupTags(wanted, signal)),
    restorePhysicalVolume: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => repairs.restorePhysicalVolume(wanted, signal)),
    resizePhysicalVolume: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => repairs.resizePhysicalVolume(wanted, signal)),
    refreshLogicalVolumes: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => repairs.refreshLogicalVolumes(wanted, signal)),
    activateVolumeGroup: (wanted, signal) =>
      inTurn(wanted.name, async () => {
        await volumes.removeUnwiped(wanted, signal);
        await groups.activateVolumeGroup(wanted, signal);
      }),
    createLogicalVolume: volumes.createLogicalVolume,
    extendLogicalVolume: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => volumes.extendLogicalVolume(wanted, signal)),
    removeLogicalVolume: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => volumes.removeLogicalVolume(wanted, signal)),
    changeLogicalVolumeTags: (wanted, signal) =>
      inTurn(wanted.volumeGroup.name, () => volumes.changeLogicalVolumeTags(wanted, signal)),
  };
}
