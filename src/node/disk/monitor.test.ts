import { expect, test } from 'vitest';
import { changedDisk } from './monitor.ts';

// Printed by udevadm monitor of systemd 252.
test.each([
  ['UDEV  [41.203313] change   /devices/platform/uml-blkdev.1/block/ubdb (block)', 'ubdb'],
  [
    'UDEV  [3217.401217] add      /devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda1 (block)',
    'sda1',
  ],
  ['UDEV  [55.1] remove   /devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1 (block)', 'nvme0n1'],
  ['UDEV  [41.5] change   /devices/virtual/block/dm-0 (block)', undefined],
  ['monitor will print the received events for:', undefined],
  ['UDEV - the event which udev sends out after rule processing', undefined],
  ['', undefined],
])('%s', (line, changed) => {
  expect(changedDisk(line)).toBe(changed);
});
