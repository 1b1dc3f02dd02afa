import { mapped, row, type Shape } from '../shape.ts';

/** The disk of an installed system: boot partitions beside a volume group with root and swap. */
export const lvmRoot: Shape = {
  lsblk: [
    row({
      name: 'sda',
      'maj:min': '8:0',
      type: 'disk',
      size: 480_103_981_056,
      model: 'INTEL SSDSC2KB480G8',
      serial: 'PHYF9290004X480BGN',
      wwn: '0x55cd2e41501d2c1a',
      vendor: 'ATA     ',
      tran: 'sata',
      pttype: 'gpt',
      children: [
        row({
          name: 'sda1',
          'maj:min': '8:1',
          type: 'part',
          size: 629_145_600,
          pttype: 'gpt',
          fstype: 'vfat',
          mountpoints: ['/boot/efi'],
        }),
        row({
          name: 'sda2',
          'maj:min': '8:2',
          type: 'part',
          size: 1_073_741_824,
          pttype: 'gpt',
          fstype: 'xfs',
          mountpoints: ['/boot'],
        }),
        row({
          name: 'sda3',
          'maj:min': '8:3',
          type: 'part',
          size: 478_398_119_936,
          pttype: 'gpt',
          fstype: 'LVM2_member',
          children: [
            mapped(0, { name: 'rl-root', type: 'lvm', size: 75_161_927_680, fstype: 'xfs', mountpoints: ['/'] }),
            mapped(1, { name: 'rl-swap', type: 'lvm', size: 4_294_967_296, fstype: 'swap', mountpoints: ['[SWAP]'] }),
          ],
        }),
      ],
    }),
  ],
  udevadm: `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda
DEVNAME=/dev/sda
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_BUS=ata
ID_PART_TABLE_TYPE=gpt
DEVLINKS=/dev/disk/by-id/wwn-0x55cd2e41501d2c1a /dev/disk/by-path/pci-0000:00:17.0-ata-1
DEVPATH=/devices/virtual/block/dm-0
DEVNAME=/dev/dm-0
USEC_INITIALIZED=3328841
DM_NAME=rl-root
DM_UUID=LVM-J1uUbPYUs1Yy2n5pYzUu7nW0Qn6cO8GZf2rVtFpcK3dXy9S4jKq7aLbMwE5hTgRi
`,
  probes: {},
  disks: {
    '/dev/sda': {
      identity: 'wwn:0x55cd2e41501d2c1a',
      type: 'SSD',
      partitions: ['/dev/sda1 vfat /boot/efi', '/dev/sda2 xfs /boot', '/dev/sda3 LVM2_member'],
      state: 'Bound',
      reason: 'Mounted',
      says: ['/boot/efi', 'the system itself runs from the disk'],
    },
  },
};
