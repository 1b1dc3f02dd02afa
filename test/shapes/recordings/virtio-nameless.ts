import { blank } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

const disk = (name: string, minor: number) =>
  row({
    name,
    'maj:min': `252:${minor}`,
    type: 'disk',
    size: 107_374_182_400,
    rota: true,
    vendor: '0x1af4',
    tran: 'virtio',
  });
const record = (
  name: string,
  slot: string,
): string => `DEVPATH=/devices/pci0000:00/0000:00:${slot}.0/virtio4/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=1840213
ID_PATH=pci-0000:00:${slot}.0
DEVLINKS=/dev/disk/by-path/virtio-pci-0000:00:${slot}.0 /dev/disk/by-path/pci-0000:00:${slot}.0
`;
const free = { type: 'HDD', partitions: [], state: 'Available', reason: 'Blank', says: ['empty'] } as const;

/** Two disks of a virtual machine whose host gives them no serial number: the slot tells them apart. */
export const virtioNameless: Shape = {
  lsblk: [disk('vdb', 16), disk('vdc', 32)],
  udevadm: record('vdb', '07') + record('vdc', '08'),
  probes: { '/dev/vdb': blank, '/dev/vdc': blank },
  disks: {
    '/dev/vdb': { identity: 'path:node1:/dev/disk/by-path/pci-0000:00:07.0', ...free },
    '/dev/vdc': { identity: 'path:node1:/dev/disk/by-path/pci-0000:00:08.0', ...free },
  },
};
