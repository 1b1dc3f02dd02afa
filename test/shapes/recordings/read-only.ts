import { blank } from '../probes.ts';
import { sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

/** A disk that takes no writes: a switch, a dying solid state disk, or `blockdev --setro`. */
export const readOnly: Shape = {
  lsblk: [sata('sdb', 1, { ro: true })],
  udevadm: sataRecord('sdb', 1),
  probes: { '/dev/sdb': blank },
  disks: {
    '/dev/sdb': { ...sataDisk(1), state: 'Bound', reason: 'ReadOnly', says: ['blockdev --setrw /dev/sdb'] },
  },
};
