import { blankPartition, holding } from '../probes.ts';
import {
  linuxFileSystem,
  linuxLvm,
  partition,
  sata,
  sataDisk,
  sataPartition,
  sataRecord,
  type Shape,
} from '../shape.ts';

const part = (number: number, size: number, parttype: string, more: object = {}) =>
  partition(`sdb${number}`, `8:${16 + number}`, {
    size,
    rota: true,
    parttype,
    partuuid: `eb322efb-80d5-9243-a643-cde09270cd7${number}`,
    ...more,
  });
const free = { state: 'Available', reason: 'Blank', says: ['The partition is empty'] } as const;
const meant = { state: 'Bound', reason: 'PartitionType' } as const;

/** Partitions for this and that on one gpt table, most of them without a signature. */
export const gptPartitions: Shape = {
  lsblk: [
    sata('sdb', 1, {
      pttype: 'gpt',
      children: [
        part(1, 1_048_576, '21686148-6449-6e6f-744e-656564454649'),
        part(2, 250_000_000_000, linuxLvm),
        part(3, 250_000_000_000, linuxFileSystem),
        part(4, 250_000_000_000, linuxFileSystem, { fstype: 'xfs' }),
        part(5, 10_000_000_000, '45b0969e-9b03-4f30-b4c6-b4b80ceff106'),
        part(6, 536_870_912, 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', { fstype: 'vfat' }),
      ],
    }),
  ],
  udevadm: sataRecord('sdb', 1, 'ID_PART_TABLE_TYPE=gpt\n'),
  probes: {
    '/dev/sdb2': blankPartition,
    '/dev/sdb3': blankPartition,
    '/dev/sdb4': holding('DEVNAME=/dev/sdb4\nUUID=5f1c\nTYPE=xfs\nUSAGE=filesystem\nPART_ENTRY_SCHEME=gpt\n', [
      '0x0',
      'xfs',
      '5f1c',
    ]),
  },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb1', '/dev/sdb2', '/dev/sdb3', '/dev/sdb4 xfs', '/dev/sdb5', '/dev/sdb6 vfat'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['/dev/sdb4 (xfs)', 'A LocalDiskClaim that names a partition can take it alone'],
    },
    '/dev/sdb1': { ...sataPartition(1, 1), ...meant, says: ['of type BIOS boot', 'Leave it alone'] },
    '/dev/sdb2': { ...sataPartition(1, 2), ...free },
    '/dev/sdb3': { ...sataPartition(1, 3), ...free },
    '/dev/sdb4': {
      ...sataPartition(1, 4),
      partitions: ['/dev/sdb4 xfs'],
      state: 'Bound',
      reason: 'HasSignature',
      says: ['Found xfs on the partition', 'wipefs -a /dev/sdb4'],
    },
    '/dev/sdb5': {
      ...sataPartition(1, 5),
      ...meant,
      says: ['of type Ceph journal', 'sfdisk --part-type /dev/sdb 5 E6D6D379-F507-44C2-A23C-238F2A3DF928'],
    },
    '/dev/sdb6': {
      ...sataPartition(1, 6),
      ...meant,
      partitions: ['/dev/sdb6 vfat'],
      says: ['of type EFI System', 'Leave it alone'],
    },
  },
};
