import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { CommandError } from '../errors.ts';

/**
 * Whether somebody has a device for itself alone, as a mount, a volume group in use or a virtual machine has.
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE`
 */
export type IsHeldExclusively = (path: string) => Promise<boolean>;

/**
 * Opens the device as only one may at a time, and lets go again. That shows users the kernel does not list, such as
 * DRBD. No command does it for reading alone, and an open for writing makes udev report a change that was none, and read
 * a partition table anew: every partition of the disk would go and come back.
 * @param root of the host's files as this process sees them, e.g. `/proc/1/root`; its own when left out
 * @see open(2)
 */
export function exclusiveOpen(root = ''): IsHeldExclusively {
  return async (path) => {
    try {
      await (await open(`${root}${path}`, constants.O_RDONLY | constants.O_EXCL)).close();
      return false;
    } catch (cause) {
      const { code = '', message } = cause as NodeJS.ErrnoException;
      if (code === 'EBUSY') return true;
      const isGone = ['ENOENT', 'ENXIO', 'ENODEV', 'ENOMEDIUM'].includes(code);
      const command = `open ${path}`;
      throw new CommandError({
        code: isGone ? 'DEVICE_NOT_FOUND' : 'DEVICE_UNREADABLE',
        command,
        stderr: message,
        cause,
      });
    }
  };
}
