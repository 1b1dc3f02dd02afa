import { holding } from '../probes.ts';
import { sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

const uuid = '1711b465-86d1-4ca2-8887-51a140756d6b';

/** A file system without a partition table that is mounted nowhere now: somebody's backup, perhaps. */
export const xfsUnmounted: Shape = {
  lsblk: [sata('sdb', 1, { fstype: 'xfs' })],
  udevadm: sataRecord('sdb', 1, `ID_FS_TYPE=xfs\nID_FS_USAGE=filesystem\nID_FS_UUID=${uuid}\n`),
  probes: {
    '/dev/sdb': holding(`DEVNAME=/dev/sdb\nUUID=${uuid}\nBLOCK_SIZE=512\nTYPE=xfs\nUSAGE=filesystem\n`, [
      '0x0',
      'xfs',
      uuid,
    ]),
  },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb xfs'],
      state: 'Bound',
      reason: 'HasSignature',
      says: ['Found xfs', 'If its content may go: wipefs -a /dev/sdb'],
    },
  },
};
