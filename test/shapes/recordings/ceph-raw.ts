import { heldBySomebody, holding } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

const disk = (name: string, minor: number, wwn: string) =>
  row({
    name,
    'maj:min': `8:${minor}`,
    type: 'disk',
    size: 3_840_755_982_336,
    model: 'MTFDDAK3T8TDS',
    serial: `2145328A${minor}`,
    wwn,
    vendor: 'ATA     ',
    tran: 'sata',
    fstype: 'ceph_bluestore',
  });
const record = (
  name: string,
  wwn: string,
): string => `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata4/host3/target3:0:0/3:0:0:0/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_BUS=ata
ID_FS_TYPE=ceph_bluestore
DEVLINKS=/dev/disk/by-id/wwn-${wwn}
`;
const content = (path: string) =>
  holding(`DEVNAME=${path}\nTYPE=ceph_bluestore\nUSAGE=other\n`, ['0x0', 'ceph_bluestore']);
const [running, stopped] = ['0x500a07512f8c1e01', '0x500a07512f8c1e02'];
const osd = { type: 'SSD', state: 'Bound' } as const;

/** Ceph OSDs straight on their disks, as Rook makes them: the kernel lists no user, the OSD has the disk open. */
export const cephRaw: Shape = {
  lsblk: [disk('sdb', 16, running), disk('sdc', 32, stopped)],
  udevadm: record('sdb', running) + record('sdc', stopped),
  probes: { '/dev/sdb': heldBySomebody(content('/dev/sdb')), '/dev/sdc': content('/dev/sdc') },
  disks: {
    '/dev/sdb': {
      ...osd,
      identity: `wwn:${running}`,
      partitions: ['/dev/sdb ceph_bluestore'],
      reason: 'InUse',
      says: ['opened exclusively', 'end that use first'],
    },
    '/dev/sdc': {
      ...osd,
      identity: `wwn:${stopped}`,
      partitions: ['/dev/sdc ceph_bluestore'],
      reason: 'HasSignature',
      says: ['ceph_bluestore', 'wipefs -a /dev/sdc'],
    },
  },
};
