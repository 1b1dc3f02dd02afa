import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../../api/observed/index.ts';
import { CommandError } from '../../../node/errors.ts';
import { partitionRefusal } from '../disk/partition-type.ts';
import { sameDevice } from '../evacuation/same-device.ts';

/**
 * The device that was claimed, as it is now; a partition is still meant for storage.
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_CHANGED`
 */
export function claimedDevice(claimed: LocalDisk, devices: readonly BlockDevice[]): BlockDevice {
  const { devicePath } = claimed.spec;
  const command = `look at ${devicePath}`;
  if (devices.every(({ path }) => path !== devicePath)) throw new CommandError({ code: 'DEVICE_NOT_FOUND', command });
  const same = sameDevice(claimed, devices);
  const isMeant =
    same !== undefined && (same.device === same.disk || partitionRefusal(same.device, same.disk) === undefined);
  if (!isMeant) throw new CommandError({ code: 'DEVICE_CHANGED', command });
  return same.device;
}
