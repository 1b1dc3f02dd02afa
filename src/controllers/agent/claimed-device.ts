import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../api/observed/index.ts';
import { CommandError } from '../../node/errors.ts';
import { partitionRefusal } from './partition-type.ts';

/**
 * The device that a LocalDisk stands for, as it is now: the disk that was claimed, not another that got its path since;
 * of a partition, on that disk, and still meant for storage.
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_CHANGED`
 */
export function claimedDevice({ spec }: LocalDisk, devices: readonly BlockDevice[]): BlockDevice {
  const { devicePath, diskAttributes, major, minor, capacity } = spec;
  const command = `look at ${devicePath}`;
  const device = devices.find(({ path }) => path === devicePath);
  if (device === undefined) throw new CommandError({ code: 'DEVICE_NOT_FOUND', command });
  const isPartition = diskAttributes?.devType === 'part';
  const disk = isPartition ? devices.find(({ kernelName }) => kernelName === device.parent) : device;
  const isSame =
    disk !== undefined &&
    (device.type === 'part') === isPartition &&
    device.majorMinor === `${major}:${minor}` &&
    device.sizeBytes === capacity &&
    (diskAttributes?.serialNumber ?? '') === (disk.serial ?? '') &&
    (diskAttributes?.wwn ?? '') === (disk.wwn ?? '') &&
    (!isPartition || (diskAttributes.partUUID ?? '') === (device.partitionUuid ?? '')) &&
    (!isPartition || partitionRefusal(device, disk) === undefined);
  if (!isSame) throw new CommandError({ code: 'DEVICE_CHANGED', command });
  return device;
}
