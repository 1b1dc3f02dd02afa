import { blankPartition } from '../probes.ts';
import { partition, sata, sataDisk, sataPartition, sataRecord, type Shape } from '../shape.ts';

const part = (number: number, size: number, parttype: string) =>
  partition(`sdb${number}`, `8:${16 + number}`, {
    size,
    rota: true,
    pttype: 'dos',
    parttype,
    partuuid: `87f61154-0${number}`,
  });
const free = { state: 'Available', reason: 'Blank', says: ['The partition is empty'] } as const;

/** A dos table with logical partitions in an extended one, which the kernel shows as a device of 1 KiB. */
export const dosPartitions: Shape = {
  lsblk: [
    sata('sdb', 1, {
      pttype: 'dos',
      children: [
        part(1, 250_000_000_000, '0x8e'),
        part(2, 1024, '0x5'),
        part(5, 250_000_000_000, '0x83'),
        part(6, 8_000_000_000, '0x82'),
      ],
    }),
  ],
  udevadm: sataRecord('sdb', 1, 'ID_PART_TABLE_TYPE=dos\n'),
  probes: { '/dev/sdb1': blankPartition, '/dev/sdb5': blankPartition },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb1', '/dev/sdb2', '/dev/sdb5', '/dev/sdb6'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['/dev/sdb1, /dev/sdb2, /dev/sdb5, /dev/sdb6'],
    },
    '/dev/sdb1': { ...sataPartition(1, 1), ...free },
    '/dev/sdb2': {
      ...sataPartition(1, 2),
      state: 'Bound',
      reason: 'PartitionType',
      says: ['of type Extended', 'only holds the logical partitions of /dev/sdb', 'Leave it alone'],
    },
    '/dev/sdb5': { ...sataPartition(1, 5), ...free },
    '/dev/sdb6': {
      ...sataPartition(1, 6),
      state: 'Bound',
      reason: 'PartitionType',
      says: ['of type Linux swap', 'sfdisk --part-type /dev/sdb 6 8e'],
    },
  },
};
