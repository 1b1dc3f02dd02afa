import { blank, holding } from '../probes.ts';
import { sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

/** lvm2 is not installed: of a physical volume nobody can tell whose it is, the rest is judged as ever. */
export const noLvm: Shape = {
  lsblk: [sata('sdb', 1, { fstype: 'LVM2_member' }), sata('sdc', 2)],
  udevadm: sataRecord('sdb', 1, 'ID_FS_TYPE=LVM2_member\n') + sataRecord('sdc', 2),
  probes: {
    '/dev/sdb': holding('DEVNAME=/dev/sdb\nUUID=3DPxsA\nVERSION=LVM2 001\nTYPE=LVM2_member\nUSAGE=raid\n', [
      '0x218',
      'LVM2_member',
      '3DPxsA',
    ]),
    '/dev/sdc': blank,
  },
  lvm: 'missing',
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb LVM2_member'],
      state: 'Pending',
      reason: 'LvmUnknown',
      says: ['A physical volume of LVM', 'install lvm2 on the node'],
    },
    '/dev/sdc': { ...sataDisk(2), state: 'Available', reason: 'Blank', says: ['empty'] },
  },
};
