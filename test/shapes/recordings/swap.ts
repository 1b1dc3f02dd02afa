import { holding } from '../probes.ts';
import { sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

const uuid = '246ac915-ec68-4ea8-9209-93acabeb841d';
const record = (name: string, number: number): string =>
  sataRecord(name, number, `ID_FS_TYPE=swap\nID_FS_USAGE=other\nID_FS_UUID=${uuid}\n`);

/** Whole disks as swap space: one that is switched on, one that is not. */
export const swap: Shape = {
  lsblk: [sata('sdb', 1, { fstype: 'swap', mountpoints: ['[SWAP]'] }), sata('sdc', 2, { fstype: 'swap' })],
  udevadm: record('sdb', 1) + record('sdc', 2),
  probes: {
    '/dev/sdc': holding(`DEVNAME=/dev/sdc\nUUID=${uuid}\nVERSION=1\nTYPE=swap\nUSAGE=other\n`, ['0xff6', 'swap', uuid]),
  },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb swap [SWAP]'],
      state: 'Bound',
      reason: 'InUse',
      says: ['used as swap', 'swapoff'],
    },
    '/dev/sdc': {
      ...sataDisk(2),
      partitions: ['/dev/sdc swap'],
      state: 'Bound',
      reason: 'HasSignature',
      says: ['Found swap', 'wipefs -a /dev/sdc'],
    },
  },
};
