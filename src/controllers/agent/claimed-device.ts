import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../api/observed/index.ts';
import { CommandError } from '../../node/errors.ts';

/**
 * The device that a LocalDisk stands for, as it is now: the disk that was claimed, not another that got its path since.
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_CHANGED`
 */
export function claimedDevice({ spec }: LocalDisk, devices: readonly BlockDevice[]): BlockDevice {
  const { devicePath, diskAttributes, major, minor, capacity } = spec;
  const command = `look at ${devicePath}`;
  const device = devices.find(({ path }) => path === devicePath);
  if (device === undefined) throw new CommandError({ code: 'DEVICE_NOT_FOUND', command });
  const isSame =
    device.majorMinor === `${major}:${minor}` &&
    device.sizeBytes === capacity &&
    (diskAttributes?.serialNumber ?? '') === (device.serial ?? '') &&
    (diskAttributes?.wwn ?? '') === (device.wwn ?? '');
  if (!isSame) throw new CommandError({ code: 'DEVICE_CHANGED', command });
  return device;
}
