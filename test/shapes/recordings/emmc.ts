import { blank } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

const part = (name: string, minor: number, size: number, ro: boolean) =>
  row({ name, 'maj:min': `179:${minor}`, type: 'disk', size, ro });
const record = (
  name: string,
  more: string,
): string => `DEVPATH=/devices/platform/fe330000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0${name}
DEVNAME=/dev/mmcblk0${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=2128841
${more}`;

/** An eMMC as a data disk; the boot areas beside it are disks to the kernel alone. */
export const emmc: Shape = {
  lsblk: [
    row({ name: 'mmcblk0', 'maj:min': '179:0', type: 'disk', size: 62_537_072_640, serial: '0x1d4a7c2e', tran: 'mmc' }),
    part('mmcblk0boot0', 8, 4_194_304, true),
    part('mmcblk0boot1', 16, 4_194_304, true),
  ],
  udevadm: `${record('', 'ID_NAME=DF4064\nID_SERIAL=0x1d4a7c2e\nID_PATH=platform-fe330000.mmc\nDEVLINKS=/dev/disk/by-path/platform-fe330000.mmc /dev/disk/by-id/mmc-DF4064_0x1d4a7c2e\n')}${record('/mmcblk0boot0', 'ID_PATH=platform-fe330000.mmc\n')}${record('/mmcblk0boot1', 'ID_PATH=platform-fe330000.mmc\n')}`,
  probes: { '/dev/mmcblk0': blank },
  disks: {
    '/dev/mmcblk0': {
      identity: 'serial:::0x1d4a7c2e',
      type: 'SSD',
      partitions: [],
      state: 'Available',
      reason: 'Blank',
      says: ['empty'],
    },
  },
};
