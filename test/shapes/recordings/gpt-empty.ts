import { holding } from '../probes.ts';
import { sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

/** Somebody made a partition table, and no partition yet. */
export const gptEmpty: Shape = {
  lsblk: [sata('sdb', 1, { pttype: 'gpt' })],
  udevadm: sataRecord('sdb', 1, 'ID_PART_TABLE_TYPE=gpt\nID_PART_TABLE_UUID=f0d3e2b6-b292-dd43-bc02-23f897eff7d8\n'),
  probes: {
    '/dev/sdb': holding(
      'DEVNAME=/dev/sdb\nPTUUID=f0d3e2b6-b292-dd43-bc02-23f897eff7d8\nPTTYPE=gpt\n',
      ['0x200', 'gpt'],
      ['0xe8e0db5e00', 'gpt'],
      ['0x1fe', 'PMBR'],
    ),
  },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb gpt'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['a partition table and no partition', 'wipefs -a /dev/sdb'],
    },
  },
};
