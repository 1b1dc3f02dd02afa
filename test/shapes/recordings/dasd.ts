import { blankPartition } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

/** A disk of a mainframe, formatted and partitioned, as every one has to be: its table tells no types. */
export const dasd: Shape = {
  lsblk: [
    row({
      name: 'dasdb',
      'maj:min': '94:4',
      type: 'disk',
      size: 22_155_264_000,
      rota: true,
      serial: '0X2551',
      pttype: 'dasd',
      children: [
        row({ name: 'dasdb1', 'maj:min': '94:5', type: 'part', size: 22_155_165_696, rota: true, pttype: 'dasd' }),
      ],
    }),
  ],
  udevadm: `DEVPATH=/devices/css0/0.0.0011/0.0.0201/block/dasdb
DEVNAME=/dev/dasdb
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=1128841
ID_BUS=ccw
ID_TYPE=disk
ID_UID=IBM.750000000L2551.20cc.5d
ID_XUID=IBM.750000000L2551.20cc.5d
ID_SERIAL=0X2551
ID_PATH=ccw-0.0.0201
ID_PART_TABLE_TYPE=dasd
DEVLINKS=/dev/disk/by-id/ccw-0X2551 /dev/disk/by-id/ccw-IBM.750000000L2551.20cc.5d /dev/disk/by-path/ccw-0.0.0201
`,
  probes: { '/dev/dasdb1': blankPartition },
  disks: {
    '/dev/dasdb': {
      identity: 'serial:::0X2551',
      type: 'HDD',
      partitions: ['/dev/dasdb1'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['/dev/dasdb1', 'A LocalDiskClaim that names a partition can take it alone'],
    },
    '/dev/dasdb1': {
      identity: 'serial:::0X2551-part1',
      type: 'HDD',
      partitions: [],
      state: 'Available',
      reason: 'Blank',
      says: ['The partition is empty'],
    },
  },
};
