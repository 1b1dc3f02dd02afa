import { row, sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

const cached = row({ name: 'bcache0', 'maj:min': '250:0', type: 'disk', size: 1_000_204_877_824, rota: true });

/** A disk with a cache before it: `bcache0` says it is a disk, stands on two, and is empty. */
export const bcache: Shape = {
  lsblk: [
    sata('sdb', 1, { fstype: 'bcache', children: [cached] }),
    sata('sdc', 2, { fstype: 'bcache', rota: false, children: [cached] }),
  ],
  udevadm: `${sataRecord('sdb', 1, 'ID_FS_TYPE=bcache\n')}${sataRecord('sdc', 2, 'ID_FS_TYPE=bcache\n')}DEVPATH=/devices/virtual/block/bcache0
DEVNAME=/dev/bcache0
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3628841
DEVLINKS=/dev/bcache/by-uuid/0d4a7a9e-5a0b-4c0f-b7ee-7c3d07f2d1a5
`,
  probes: {},
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb bcache'],
      state: 'Bound',
      reason: 'InUse',
      says: ['held by /dev/bcache0'],
    },
    '/dev/sdc': {
      ...sataDisk(2),
      type: 'SSD',
      partitions: ['/dev/sdc bcache'],
      state: 'Bound',
      reason: 'InUse',
      says: ['held by /dev/bcache0'],
    },
  },
};
