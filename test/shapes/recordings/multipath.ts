import { blank } from '../probes.ts';
import { mapped, row, type Shape } from '../shape.ts';

const wwn = '0x600a098000aabbcc0000112233445566';
const path = (name: string, minor: number, children: object) =>
  row({
    name,
    'maj:min': `8:${minor}`,
    type: 'disk',
    size: 1_099_511_627_776,
    rota: true,
    model: 'MD36xxi',
    serial: '600a098000aabbcc0000112233445566',
    wwn,
    vendor: 'DELL    ',
    tran: 'sas',
    fstype: 'mpath_member',
    ...children,
  });
const map = mapped(0, { name: 'mpatha', type: 'mpath', size: 1_099_511_627_776, rota: true });
const record = (
  name: string,
  port: number,
): string => `DEVPATH=/devices/pci0000:00/0000:00:03.0/0000:05:00.0/host${port}/port-${port}:0/end_device-${port}:0/target${port}:0:0/${port}:0:0:0/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=5102399
DM_MULTIPATH_DEVICE_PATH=1
ID_FS_TYPE=mpath_member
ID_BUS=scsi
ID_SERIAL=3600a098000aabbcc0000112233445566
ID_SERIAL_SHORT=600a098000aabbcc0000112233445566
ID_WWN=0x600a098000aabbcc
ID_WWN_WITH_EXTENSION=${wwn}
DEVLINKS=/dev/disk/by-path/pci-0000:05:00.${port}-sas-phy0-lun-0
`;
const refused = {
  identity: `wwn:${wwn}`,
  sharesIdentity: true,
  type: 'HDD',
  state: 'Bound',
  reason: 'MultipathPath',
} as const;

/** One disk of an array that is reached over two ways, the map of both, and a way whose map is not up yet. */
export const multipath: Shape = {
  lsblk: [path('sdb', 16, { children: [map] }), path('sdc', 32, { children: [map] }), path('sdd', 48, {})],
  udevadm: `${record('sdb', 1)}${record('sdc', 2)}${record('sdd', 3)}DEVPATH=/devices/virtual/block/dm-0
DEVNAME=/dev/dm-0
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=5402399
DM_NAME=mpatha
DM_UUID=mpath-3600a098000aabbcc0000112233445566
DEVLINKS=/dev/mapper/mpatha /dev/disk/by-id/dm-name-mpatha /dev/disk/by-id/wwn-${wwn} /dev/disk/by-id/dm-uuid-mpath-3600a098000aabbcc0000112233445566
`,
  probes: { '/dev/sdd': blank },
  disks: {
    '/dev/sdb': {
      ...refused,
      partitions: ['/dev/sdb mpath_member'],
      says: ['multipath device /dev/mapper/mpatha', 'blacklist of /etc/multipath.conf'],
    },
    '/dev/sdc': {
      ...refused,
      partitions: ['/dev/sdc mpath_member'],
      says: ['multipath device /dev/mapper/mpatha', 'blacklist of /etc/multipath.conf'],
    },
    '/dev/sdd': {
      ...refused,
      partitions: [],
      says: ['one path of a multipath device', 'blacklist of /etc/multipath.conf'],
    },
  },
};
