import { linuxFileSystem, linuxLvm, mapped, partition, row, type Shape, volumeGroup } from '../shape.ts';

const inUse = { type: 'SSD', state: 'Bound', reason: 'Mounted' } as const;

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
        partition('sda1', '8:1', {
          size: 629_145_600,
          parttype: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
          partuuid: '7b0f7a52-6a0e-4c9c-8a86-6b8ad0f8b1c1',
          fstype: 'vfat',
          mountpoints: ['/boot/efi'],
        }),
        partition('sda2', '8:2', {
          size: 1_073_741_824,
          parttype: linuxFileSystem,
          partuuid: 'd0a3f2b4-58c7-4f0e-9e0c-7f0f4a1d2c35',
          fstype: 'xfs',
          mountpoints: ['/boot'],
        }),
        partition('sda3', '8:3', {
          size: 478_398_119_936,
          parttype: linuxLvm,
          partuuid: '4c1d7e90-3b52-49a7-8d53-0a9be0f7c6e2',
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
  lvm: volumeGroup('rl', '/dev/sda3'),
  disks: {
    '/dev/sda': {
      identity: 'wwn:0x55cd2e41501d2c1a',
      type: 'SSD',
      partitions: ['/dev/sda1 vfat /boot/efi', '/dev/sda2 xfs /boot', '/dev/sda3 LVM2_member'],
      state: 'Bound',
      reason: 'Mounted',
      says: ['/boot/efi', 'the system itself runs from the disk'],
    },
    '/dev/sda1': {
      ...inUse,
      identity: 'wwn:0x55cd2e41501d2c1a-part1',
      partitions: ['/dev/sda1 vfat /boot/efi'],
      says: ['Mounted on /boot/efi', 'the system itself runs from the partition'],
    },
    '/dev/sda2': {
      ...inUse,
      identity: 'wwn:0x55cd2e41501d2c1a-part2',
      partitions: ['/dev/sda2 xfs /boot'],
      says: ['Mounted on /boot', 'the system itself runs from the partition'],
    },
    '/dev/sda3': {
      ...inUse,
      identity: 'wwn:0x55cd2e41501d2c1a-part3',
      partitions: ['/dev/sda3 LVM2_member'],
      says: ['Mounted on /', 'the system itself runs from the partition'],
    },
  },
};
