import { heldBySomebody, holding } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

const wwn = '0x5000c500c1f2e3d4';

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
        row({
          name: 'sdb1',
          'maj:min': '8:17',
          type: 'part',
          size: 4_000_776_716_288,
          rota: true,
          pttype: 'gpt',
          fstype: 'zfs_member',
        }),
        row({ name: 'sdb9', 'maj:min': '8:25', type: 'part', size: 8_388_608, rota: true, pttype: 'gpt' }),
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
  probes: {
    '/dev/sdb': heldBySomebody(
      holding(
        'DEVNAME=/dev/sdb\nPTUUID=1b6d2c3e-9f0a-4b8c-8d7e-6f5a4b3c2d1e\nPTTYPE=gpt\n',
        ['0x200', 'gpt'],
        ['0x3a3817d5e00', 'gpt'],
        ['0x1fe', 'PMBR'],
      ),
    ),
  },
  disks: {
    '/dev/sdb': {
      identity: `wwn:${wwn}`,
      type: 'HDD',
      partitions: ['/dev/sdb1 zfs_member', '/dev/sdb9'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['/dev/sdb1 (zfs_member), /dev/sdb9', 'wipefs -a /dev/sdb1 /dev/sdb9 /dev/sdb'],
    },
  },
};
