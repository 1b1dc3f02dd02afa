import { blank, holding, unreadable } from '../probes.ts';
import { sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

const cloned = { serial: 'CLONE', wwn: null };

/** A disk that fails its reads, one with signatures that exclude each other, and two clones of one virtual disk. */
export const inDoubt: Shape = {
  lsblk: [sata('sdb', 1), sata('sdc', 2), sata('sdd', 3, cloned), sata('sde', 4, cloned)],
  udevadm: sataRecord('sdb', 1) + sataRecord('sdc', 2) + sataRecord('sdd', 3) + sataRecord('sde', 4),
  probes: {
    '/dev/sdb': unreadable("error reading '/dev/sdb': Input/output error"),
    '/dev/sdc': { ...holding(''), 'blkid --probe': { exitCode: 8 } },
    '/dev/sdd': blank,
    '/dev/sde': blank,
  },
  disks: {
    '/dev/sdb': { ...sataDisk(1), state: 'Pending', reason: 'ReadError', says: ['Input/output error', 'replace'] },
    '/dev/sdc': {
      ...sataDisk(2),
      state: 'Pending',
      reason: 'Unsure',
      says: ['exclude each other', 'wipefs -a /dev/sdc'],
    },
    '/dev/sdd': {
      ...sataDisk(3),
      identity: 'serial:ATA:TOSHIBA MG04ACA100N:CLONE',
      sharesIdentity: true,
      state: 'Pending',
      reason: 'DuplicateIdentity',
      says: ['/dev/sde', 'Neither is used'],
    },
    '/dev/sde': {
      ...sataDisk(4),
      identity: 'serial:ATA:TOSHIBA MG04ACA100N:CLONE',
      sharesIdentity: true,
      state: 'Pending',
      reason: 'DuplicateIdentity',
      says: ['/dev/sdd', 'Neither is used'],
    },
  },
};
