import { blankPartition } from '../probes.ts';
import { partition, sata, sataDisk, sataPartition, sataRecord, type Shape } from '../shape.ts';

/** One of two partitions is mounted by its device path, as an fstab of old does; the other is free. */
export const mountedPartition: Shape = {
  lsblk: [
    sata('sdb', 1, {
      pttype: 'dos',
      children: [
        partition('sdb1', '8:17', {
          size: 500_106_788_864,
          rota: true,
          pttype: 'dos',
          parttype: '0x83',
          partuuid: '87f61154-01',
          fstype: 'ext4',
          mountpoints: ['/srv/data'],
        }),
        partition('sdb2', '8:18', {
          size: 500_096_991_232,
          rota: true,
          pttype: 'dos',
          parttype: '0x83',
          partuuid: '87f61154-02',
        }),
      ],
    }),
  ],
  udevadm: sataRecord('sdb', 1, 'ID_PART_TABLE_TYPE=dos\n'),
  probes: { '/dev/sdb2': blankPartition },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb1 ext4 /srv/data', '/dev/sdb2'],
      state: 'Bound',
      reason: 'Mounted',
      says: ['Mounted on /srv/data', 'umount', 'wipefs -a /dev/sdb1 /dev/sdb2 /dev/sdb'],
    },
    '/dev/sdb1': {
      ...sataPartition(1, 1),
      partitions: ['/dev/sdb1 ext4 /srv/data'],
      state: 'Bound',
      reason: 'Mounted',
      says: ['Mounted on /srv/data', 'umount it, then wipefs -a /dev/sdb1'],
    },
    '/dev/sdb2': { ...sataPartition(1, 2), state: 'Available', reason: 'Blank', says: ['The partition is empty'] },
  },
};
