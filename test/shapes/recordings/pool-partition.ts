import { blankPartition } from '../probes.ts';
import {
  linuxFileSystem,
  linuxLvm,
  mapped,
  partition,
  sata,
  sataDisk,
  sataPartition,
  sataRecord,
  type Shape,
  volumeGroup,
} from '../shape.ts';

/** A partition that a person put into a pool with vgextend, with a volume that a pod has mounted, beside a free one. */
export const poolPartition: Shape = {
  lsblk: [
    sata('sdb', 1, {
      pttype: 'gpt',
      children: [
        partition('sdb1', '8:17', {
          size: 500_000_000_000,
          rota: true,
          parttype: linuxLvm,
          partuuid: 'eb322efb-80d5-9243-a643-cde09270cd71',
          fstype: 'LVM2_member',
          children: [
            mapped(0, {
              name: 'LocalStorage_PoolHDD-pvc--1',
              type: 'lvm',
              size: 1_073_741_824,
              fstype: 'xfs',
              mountpoints: ['/var/lib/kubelet/pods/1/volumes/pvc-1'],
            }),
          ],
        }),
        partition('sdb2', '8:18', {
          size: 500_000_000_000,
          rota: true,
          parttype: linuxFileSystem,
          partuuid: 'eb322efb-80d5-9243-a643-cde09270cd72',
        }),
      ],
    }),
  ],
  udevadm: sataRecord('sdb', 1, 'ID_PART_TABLE_TYPE=gpt\n'),
  probes: { '/dev/sdb2': blankPartition },
  lvm: volumeGroup('LocalStorage_PoolHDD', '/dev/sdb1', ['hwameistor.io/cluster=c']),
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb1 LVM2_member', '/dev/sdb2'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['/dev/sdb1 belongs to pool LocalStorage_PoolHDD', 'Leave its table alone'],
    },
    '/dev/sdb1': {
      ...sataPartition(1, 1),
      state: 'Bound',
      reason: 'InPool',
      says: ['The partition belongs to pool LocalStorage_PoolHDD'],
    },
    '/dev/sdb2': { ...sataPartition(1, 2), state: 'Available', reason: 'Blank', says: ['The partition is empty'] },
  },
};
