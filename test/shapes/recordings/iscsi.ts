import { blank } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

/** A raw volume of another storage system, attached for a pod: empty, not mounted, and not ours. */
export const iscsi: Shape = {
  lsblk: [
    row({
      name: 'sdb',
      'maj:min': '8:16',
      type: 'disk',
      size: 21_474_836_480,
      rota: true,
      model: 'VIRTUAL-DISK',
      serial: 'beaf11',
      wwn: '0x60000000000000000e00000000010001',
      vendor: 'IET     ',
      tran: 'iscsi',
    }),
  ],
  udevadm: `DEVPATH=/devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sdb
DEVNAME=/dev/sdb
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=99128841
ID_BUS=scsi
ID_VENDOR=IET
ID_MODEL=VIRTUAL-DISK
ID_PATH=ip-10.42.1.17:3260-iscsi-iqn.2019-10.io.longhorn:pvc-5f1c-lun-1
DEVLINKS=/dev/disk/by-path/ip-10.42.1.17:3260-iscsi-iqn.2019-10.io.longhorn:pvc-5f1c-lun-1 /dev/disk/by-id/wwn-0x60000000000000000e00000000010001
`,
  probes: { '/dev/sdb': blank },
  disks: {
    '/dev/sdb': {
      identity: 'wwn:0x60000000000000000e00000000010001',
      type: 'HDD',
      partitions: [],
      state: 'Bound',
      reason: 'Remote',
      says: ['reached over iscsi', 'Use a local disk'],
    },
  },
};
