import { blank, unreadable } from '../probes.ts';
import { partition, row, type Shape } from '../shape.ts';

const stick = (name: string, minor: number, size: number, more: object = {}) =>
  row({
    name,
    'maj:min': `8:${minor}`,
    type: 'disk',
    size,
    rm: true,
    rota: true,
    model: 'Ultra Fit',
    serial: `4C5310011${minor}`,
    vendor: 'SanDisk ',
    tran: 'usb',
    ...more,
  });
const record = (
  name: string,
): string => `DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/host6/target6:0:0/6:0:0:0/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=88128841
ID_BUS=usb
ID_TYPE=disk
ID_USB_DRIVER=usb-storage
DEVLINKS=/dev/disk/by-path/pci-0000:00:14.0-usb-0:3:1.0-scsi-0:0:0:0
`;
const refused = { type: 'HDD', state: 'Bound', reason: 'Removable', says: ['The disk is removable'] } as const;
const identity = (minor: number): string => `serial:SanDisk:Ultra Fit:4C5310011${minor}`;

/** A stick that is empty, a stick with a file, and a card reader without a card. */
export const usb: Shape = {
  lsblk: [
    stick('sdb', 16, 30_752_000_000),
    stick('sdc', 32, 30_752_000_000, {
      pttype: 'dos',
      children: [
        partition('sdc1', '8:33', {
          size: 30_750_951_424,
          rm: true,
          pttype: 'dos',
          parttype: '0xc',
          partuuid: '87f61154-01',
          fstype: 'vfat',
        }),
      ],
    }),
    stick('sdd', 48, 0),
  ],
  udevadm: record('sdb') + record('sdc') + record('sdd'),
  probes: {
    '/dev/sdb': blank,
    '/dev/sdd': unreadable("failed to open '/dev/sdd': No medium found"),
  },
  disks: {
    '/dev/sdb': { ...refused, identity: identity(16), partitions: [] },
    '/dev/sdc': { ...refused, identity: identity(32), partitions: ['/dev/sdc1 vfat'] },
    '/dev/sdc1': { ...refused, identity: `${identity(32)}-part1`, partitions: ['/dev/sdc1 vfat'] },
    '/dev/sdd': { ...refused, identity: identity(48), partitions: [] },
  },
};
