import { partition, row, type Shape } from '../shape.ts';

const wwn = '0x5000c500c1f2e3d4';

const meant = { type: 'HDD', state: 'Bound', reason: 'PartitionType' } as const;

/** A disk of an imported ZFS pool, and a volume of that pool, which looks like a disk. */
export const zfs: Shape = {
  lsblk: [
    row({
      name: 'sdb',
      'maj:min': '8:16',
      type: 'disk',
      size: 4_000_787_030_016,
      rota: true,
      model: 'ST4000VN008-2DR166',
      serial: 'ZDH7ABCD',
      wwn,
      vendor: 'ATA     ',
      tran: 'sata',
      pttype: 'gpt',
      children: [
        partition('sdb1', '8:17', {
          size: 4_000_776_716_288,
          rota: true,
          parttype: '6a898cc3-1dd2-11b2-99a6-080020736631',
          partuuid: '0f3f5a44-9d10-5f4b-b5a8-6d3c7f8e2a01',
          fstype: 'zfs_member',
        }),
        partition('sdb9', '8:25', {
          size: 8_388_608,
          rota: true,
          parttype: '6a945a3b-1dd2-11b2-99a6-080020736631',
          partuuid: '5b0dd2c1-3f6e-8c4a-9d27-1e0a4b5c6d02',
        }),
      ],
    }),
    row({ name: 'zd0', 'maj:min': '230:0', type: 'disk', size: 107_374_182_400 }),
  ],
  udevadm: `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata2/host1/target1:0:0/1:0:0:0/block/sdb
DEVNAME=/dev/sdb
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_BUS=ata
ID_PART_TABLE_TYPE=gpt
DEVLINKS=/dev/disk/by-id/wwn-${wwn}
DEVPATH=/devices/virtual/block/zd0
DEVNAME=/dev/zd0
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=9128841
DEVLINKS=/dev/zvol/tank/vm-1
`,
  probes: {},
  disks: {
    '/dev/sdb': {
      identity: `wwn:${wwn}`,
      type: 'HDD',
      partitions: ['/dev/sdb1 zfs_member', '/dev/sdb9'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['/dev/sdb1 (zfs_member), /dev/sdb9', 'wipefs -a /dev/sdb1 /dev/sdb9 /dev/sdb'],
    },
    '/dev/sdb1': {
      ...meant,
      identity: `wwn:${wwn}-part1`,
      partitions: ['/dev/sdb1 zfs_member'],
      says: ['of type ZFS', 'sfdisk --part-type /dev/sdb 1'],
    },
    '/dev/sdb9': {
      ...meant,
      identity: `wwn:${wwn}-part9`,
      partitions: [],
      says: ['of type Solaris reserved', 'sfdisk --part-type /dev/sdb 9'],
    },
  },
};
