import { holding } from '../probes.ts';
import { row, type Shape } from '../shape.ts';

const uuid = '6a1c2f9e-0d47-8a35-4ad1-bb2b3b0d8a10';
const member = (name: string, minor: number, more: object) =>
  row({
    name,
    'maj:min': `8:${minor}`,
    type: 'disk',
    size: 1_000_204_886_016,
    rota: true,
    model: 'WDC WD1005FBYZ-01YCBB2',
    serial: `WD-WMC6M0${name}`,
    wwn: `0x50014ee00400${minor}`,
    vendor: 'ATA     ',
    tran: 'sata',
    fstype: 'linux_raid_member',
    ...more,
  });
const array = row({ name: 'md0', 'maj:min': '9:0', type: 'raid1', size: 1_000_069_595_136, rota: true });
const record = (
  name: string,
): string => `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_BUS=ata
ID_FS_TYPE=linux_raid_member
ID_FS_USAGE=raid
DEVLINKS=/dev/disk/by-id/ata-WDC_WD1005FBYZ-01YCBB2_WD-WMC6M0${name}
`;
const running = {
  type: 'HDD',
  state: 'Bound',
  reason: 'InUse',
  says: ['held by /dev/md0 (raid1)', 'end that use first'],
} as const;

/** Two halves of a running mirror, the mirror itself, and a half that was left over from another one. */
export const mdRaid: Shape = {
  lsblk: [member('sdb', 16, { children: [array] }), member('sdc', 32, { children: [array] }), member('sdd', 48, {})],
  udevadm: `${record('sdb')}${record('sdc')}${record('sdd')}DEVPATH=/devices/virtual/block/md0
DEVNAME=/dev/md0
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=4400100
MD_LEVEL=raid1
MD_DEVICES=2
MD_METADATA=1.2
DEVLINKS=/dev/disk/by-id/md-name-node1:0
`,
  probes: {
    '/dev/sdd': holding(
      `DEVNAME=/dev/sdd\nUUID=${uuid}\nUUID_SUB=11d2\nLABEL=node1:1\nVERSION=1.2\nTYPE=linux_raid_member\nUSAGE=raid\n`,
      ['0x1000', 'linux_raid_member', uuid],
    ),
  },
  disks: {
    '/dev/sdb': { identity: 'wwn:0x50014ee0040016', partitions: ['/dev/sdb linux_raid_member'], ...running },
    '/dev/sdc': { identity: 'wwn:0x50014ee0040032', partitions: ['/dev/sdc linux_raid_member'], ...running },
    '/dev/sdd': {
      ...running,
      identity: 'wwn:0x50014ee0040048',
      partitions: ['/dev/sdd linux_raid_member'],
      reason: 'HasSignature',
      says: ['linux_raid_member', 'wipefs -a /dev/sdd'],
    },
  },
};
