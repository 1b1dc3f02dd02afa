import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../../api/observed/index.ts';

/**
 * The device that a LocalDisk tells of, and the disk that it is or is on; undefined where another device has its path
 * since.
 */
export function sameDevice(
  { spec }: LocalDisk,
  devices: readonly BlockDevice[],
): { readonly device: BlockDevice; readonly disk: BlockDevice } | undefined {
  const { devicePath, diskAttributes, major, minor, capacity } = spec;
  const device = devices.find(({ path }) => path === devicePath);
  const isPartition = diskAttributes?.devType === 'part';
  const disk = isPartition ? devices.find(({ kernelName }) => kernelName === device?.parent) : device;
  const isSame =
    device !== undefined &&
    disk !== undefined &&
    (device.type === 'part') === isPartition &&
    device.majorMinor === `${major}:${minor}` &&
    device.sizeBytes === capacity &&
    (diskAttributes?.serialNumber ?? '') === (disk.serial ?? '') &&
    (diskAttributes?.wwn ?? '') === (disk.wwn ?? '') &&
    (!isPartition || (diskAttributes.partUUID ?? '') === (device.partitionUuid ?? ''));
  return isSame ? { device, disk } : undefined;
}
