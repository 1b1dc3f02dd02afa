import type { Follow } from '../follow.ts';

/** e.g. `UDEV  [3217.401] change   /devices/pci0000:00/0000:00:17.0/ata1/…/block/sda/sda1 (block)` */
const report = /^UDEV\s+\[[\d.]+\]\s+\w+\s+(\S+)\s+\(block\)$/;

/**
 * Tells of disks and partitions that came, went or were written to, once udev has looked at them itself: its database is
 * up to date then. What the kernel makes up (device-mapper, DRBD, loop devices) is left out: it changes all the time.
 * @param onChange called with kernel names, e.g. `sdb1`
 * @throws CommandError `TOOL_MISSING`, `FAILED` when the monitor ended unasked
 * @see udevadm(8)
 */
export const monitorDisks = (
  follow: Follow,
  onChange: (kernelName: string) => void,
  signal: AbortSignal,
): Promise<void> =>
  follow('udevadm', ['monitor', '--udev', '--subsystem-match=block'], {
    signal,
    onLine: (line) => {
      const changed = changedDisk(line);
      if (changed !== undefined) onChange(changed);
    },
  });

export function changedDisk(line: string): string | undefined {
  const path = report.exec(line)?.[1];
  return path === undefined || path.startsWith('/devices/virtual/') ? undefined : path.split('/').at(-1);
}
