import { row, sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

/** One of two partitions is mounted by its device path, as an fstab of old does. */
export const mountedPartition: Shape = {
  lsblk: [
    sata('sdb', 1, {
      pttype: 'dos',
      children: [
        row({
          name: 'sdb1',
          'maj:min': '8:17',
          type: 'part',
          size: 500_106_788_864,
          rota: true,
          pttype: 'dos',
          fstype: 'ext4',
          mountpoints: ['/srv/data'],
        }),
        row({ name: 'sdb2', 'maj:min': '8:18', type: 'part', size: 500_096_991_232, rota: true, pttype: 'dos' }),
      ],
    }),
  ],
  udevadm: sataRecord('sdb', 1, 'ID_PART_TABLE_TYPE=dos\n'),
  probes: {},
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb1 ext4 /srv/data', '/dev/sdb2'],
      state: 'Bound',
      reason: 'Mounted',
      says: ['Mounted on /srv/data', 'umount', 'wipefs -a /dev/sdb1 /dev/sdb2 /dev/sdb'],
    },
  },
};
