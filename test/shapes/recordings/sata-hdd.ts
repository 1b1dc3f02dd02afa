import { blank } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

/** A hard disk on a SATA port, new. */
export const sataHdd: Shape = {
  lsblk: [
    row({
      name: 'sdb',
      'maj:min': '8:16',
      type: 'disk',
      size: 4_000_787_030_016,
      rota: true,
      model: 'ST4000NM0035-1V4107',
      serial: 'ZC1A4F7K',
      wwn: '0x5000c500a4e1d2b3',
      vendor: 'ATA     ',
      tran: 'sata',
    }),
  ],
  udevadm: `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata2/host1/target1:0:0/1:0:0:0/block/sdb
DEVNAME=/dev/sdb
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_ATA=1
ID_TYPE=disk
ID_BUS=ata
ID_MODEL=ST4000NM0035-1V4107
ID_SERIAL=ST4000NM0035-1V4107_ZC1A4F7K
ID_SERIAL_SHORT=ZC1A4F7K
ID_ATA_ROTATION_RATE_RPM=7200
ID_WWN=0x5000c500a4e1d2b3
ID_PATH=pci-0000:00:17.0-ata-2
DEVLINKS=/dev/disk/by-id/wwn-0x5000c500a4e1d2b3 /dev/disk/by-path/pci-0000:00:17.0-ata-2.0 /dev/disk/by-path/pci-0000:00:17.0-ata-2 /dev/disk/by-id/ata-ST4000NM0035-1V4107_ZC1A4F7K
`,
  probes: { '/dev/sdb': blank },
  disks: {
    '/dev/sdb': {
      identity: 'wwn:0x5000c500a4e1d2b3',
      type: 'HDD',
      partitions: [],
      state: 'Available',
      reason: 'Blank',
      says: ['empty'],
    },
  },
};
