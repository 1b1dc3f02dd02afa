import { holding } from '../probes.ts';
import { mapped, sata, sataDisk, sataRecord, type Shape } from '../shape.ts';

const uuid = 'c1b9d5a2-8f3e-4d6b-9a70-1e2f3d4c5b6a';
const record = (name: string, number: number): string =>
  sataRecord(name, number, `ID_FS_TYPE=crypto_LUKS\nID_FS_USAGE=crypto\nID_FS_UUID=${uuid}\n`);

/** Encrypted disks: one that is opened, with a file system nobody mounted, and one that is closed. */
export const luks: Shape = {
  lsblk: [
    sata('sdb', 1, {
      fstype: 'crypto_LUKS',
      children: [mapped(0, { name: `luks-${uuid}`, type: 'crypt', size: 1_000_188_108_800, fstype: 'ext4' })],
    }),
    sata('sdc', 2, { fstype: 'crypto_LUKS' }),
  ],
  udevadm: record('sdb', 1) + record('sdc', 2),
  probes: {
    '/dev/sdc': holding(
      `DEVNAME=/dev/sdc\nVERSION=2\nUUID=${uuid}\nTYPE=crypto_LUKS\nUSAGE=crypto\n`,
      ['0x0', 'crypto_LUKS', uuid],
      ['0x4000', 'crypto_LUKS', uuid],
    ),
  },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb crypto_LUKS'],
      state: 'Bound',
      reason: 'InUse',
      says: [`held by /dev/mapper/luks-${uuid} (crypt)`],
    },
    '/dev/sdc': {
      ...sataDisk(2),
      partitions: ['/dev/sdc crypto_LUKS'],
      state: 'Bound',
      reason: 'HasSignature',
      says: ['Found crypto_LUKS on the disk'],
    },
  },
};
