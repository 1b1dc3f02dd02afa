import { blank } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

const namespace = (number: number, wwn: string) =>
  row({
    name: `nvme0n${number}`,
    'maj:min': `259:${number - 1}`,
    type: 'disk',
    size: 960_197_124_096,
    model: 'SAMSUNG MZQL2960HCJR-00A07',
    serial: 'S64FNE0R503412',
    wwn,
    tran: 'nvme',
  });

const record = (
  number: number,
  wwn: string,
): string => `DEVPATH=/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n${number}
DEVNAME=/dev/nvme0n${number}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=2918820
ID_SERIAL_SHORT=S64FNE0R503412
ID_WWN=${wwn}
ID_MODEL=SAMSUNG MZQL2960HCJR-00A07
ID_SERIAL=SAMSUNG_MZQL2960HCJR-00A07_S64FNE0R503412
ID_NSID=${number}
DEVLINKS=/dev/disk/by-id/nvme-${wwn} /dev/disk/by-id/nvme-SAMSUNG_MZQL2960HCJR-00A07_S64FNE0R503412_${number}
`;

const [first, second] = ['eui.36344630525034120025384500000001', 'uuid.6f1f9b5e-55a2-4bd8-8f5c-6d9d0f6f2c11'];
const free = { type: 'NVMe', partitions: [], state: 'Available', reason: 'Blank', says: ['empty'] } as const;

/**
 * Two namespaces of one NVMe controller, known by NGUID and by UUID. Its serial number is both namespaces', and the
 * kernel's own multipathing puts real disks below /devices/virtual.
 */
export const nvme: Shape = {
  lsblk: [namespace(1, first), namespace(2, second)],
  udevadm: record(1, first) + record(2, second),
  probes: { '/dev/nvme0n1': blank, '/dev/nvme0n2': blank },
  disks: {
    '/dev/nvme0n1': { identity: `wwn:${first}`, ...free },
    '/dev/nvme0n2': { identity: `wwn:${second}`, ...free },
  },
};
