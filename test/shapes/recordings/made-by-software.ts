import { row, type Shape, systemDisk, systemPartition } from '../shape.ts';

const virtual = (name: string): string => `DEVPATH=/devices/virtual/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
`;

/** Everything that is a block device and no disk: loops, memory, networks, optical drives. */
export const madeBySoftware: Shape = {
  lsblk: [
    systemDisk,
    row({
      name: 'loop0',
      'maj:min': '7:0',
      type: 'loop',
      size: 67_010_560,
      ro: true,
      fstype: 'squashfs',
      mountpoints: ['/snap/core20/2105'],
    }),
    row({ name: 'loop1', 'maj:min': '7:1', type: 'loop', size: 1_073_741_824 }),
    row({ name: 'zram0', 'maj:min': '251:0', type: 'disk', size: 8_589_934_592, mountpoints: ['[SWAP]'] }),
    row({ name: 'ram0', 'maj:min': '1:0', type: 'disk', size: 67_108_864 }),
    row({ name: 'nbd0', 'maj:min': '43:0', type: 'disk', size: 10_737_418_240 }),
    row({ name: 'rbd0', 'maj:min': '250:0', type: 'disk', size: 10_737_418_240 }),
    row({ name: 'drbd1', 'maj:min': '147:1', type: 'disk', size: 10_737_418_240 }),
    row({ name: 'pxd!pxd123', path: '/dev/pxd/pxd123', 'maj:min': '248:1', type: 'disk', size: 10_737_418_240 }),
    row({ name: 'fd0', 'maj:min': '2:0', type: 'disk', size: 4096, rm: true, rota: true }),
    row({
      name: 'sr0',
      'maj:min': '11:0',
      type: 'rom',
      size: 1_073_741_312,
      rm: true,
      rota: true,
      model: 'QEMU DVD-ROM',
      serial: 'QM00001',
      vendor: 'QEMU    ',
      tran: 'sata',
    }),
  ],
  udevadm: `DEVPATH=/devices/pci0000:00/0000:00:05.0/virtio1/block/vda
DEVNAME=/dev/vda
USEC_INITIALIZED=3128841
ID_PATH=pci-0000:00:05.0
DEVLINKS=/dev/disk/by-path/pci-0000:00:05.0
${['loop0', 'loop1', 'zram0', 'ram0', 'nbd0', 'rbd0', 'drbd1', 'pxd/pxd123'].map(virtual).join('')}`,
  probes: {},
  disks: {
    '/dev/vda': {
      identity: 'serial:0x1af4::system',
      type: 'SSD',
      partitions: ['/dev/vda1 ext4 /'],
      state: 'Bound',
      reason: 'Mounted',
      says: ['the system itself'],
    },
    '/dev/vda1': systemPartition,
  },
};
