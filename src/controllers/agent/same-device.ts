import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../api/observed/index.ts';

/** Whether a device is the disk that its LocalDisk tells of, and not another that got its path since. */
export const isSameDevice = ({ spec }: LocalDisk, device: BlockDevice): boolean => {
  const { devicePath, diskAttributes, major, minor, capacity } = spec;
  return (
    device.path === devicePath &&
    device.majorMinor === `${major}:${minor}` &&
    device.sizeBytes === capacity &&
    (diskAttributes?.serialNumber ?? '') === (device.serial ?? '') &&
    (diskAttributes?.wwn ?? '') === (device.wwn ?? '')
  );
};
