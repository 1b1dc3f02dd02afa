import { blank } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

/** A solid state disk behind a SAS adapter, new. */
export const sasSsd: Shape = {
  lsblk: [
    row({
      name: 'sdc',
      'maj:min': '8:32',
      type: 'disk',
      size: 1_920_383_410_176,
      model: 'PX05SRB192Y',
      serial: '58C0A01FT5LC',
      wwn: '0x58ce38ee2045d3b9',
      vendor: 'TOSHIBA ',
      tran: 'sas',
    }),
  ],
  udevadm: `DEVPATH=/devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0/host0/port-0:1/end_device-0:1/target0:0:1/0:0:1:0/block/sdc
DEVNAME=/dev/sdc
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=4520193
ID_SCSI=1
ID_VENDOR=TOSHIBA
ID_MODEL=PX05SRB192Y
ID_TYPE=disk
ID_BUS=scsi
ID_SERIAL=358ce38ee2045d3b9
ID_SERIAL_SHORT=58ce38ee2045d3b9
ID_SCSI_SERIAL=58C0A01FT5LC
ID_WWN=0x58ce38ee2045d3b9
ID_WWN_WITH_EXTENSION=0x58ce38ee2045d3b9
ID_PATH=pci-0000:3b:00.0-sas-phy1-lun-0
DEVLINKS=/dev/disk/by-id/wwn-0x58ce38ee2045d3b9 /dev/disk/by-id/scsi-358ce38ee2045d3b9 /dev/disk/by-path/pci-0000:3b:00.0-sas-phy1-lun-0
`,
  probes: { '/dev/sdc': blank },
  disks: {
    '/dev/sdc': {
      identity: 'wwn:0x58ce38ee2045d3b9',
      type: 'SSD',
      partitions: [],
      state: 'Available',
      reason: 'Blank',
      says: ['empty'],
    },
  },
};
