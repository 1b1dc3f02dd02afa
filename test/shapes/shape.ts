import type { LocalDiskClaimState } from '../../src/api/local-disk.schema.ts';
import type { PoolClass } from '../../src/api/names.ts';
import type { PhysicalVolume, VolumeGroup } from '../../src/api/observed/index.ts';
import type { PoolSight } from '../../src/controllers/agent/pool/pool-status.ts';
import type { Recording } from '../support/replay.ts';

/** Disks of a machine as its tools tell of them, and what is to be made of it. */
export interface Shape {
  /** Every block device of the machine, as `lsblk --json` prints it. */
  readonly lsblk: readonly LsblkRow[];
  /** What `udevadm info --query=property` prints for them; lines that play no part are left out. */
  readonly udevadm: string;
  /** What reading each disk gave. One that has none must not be read. */
  readonly probes: Readonly<Record<string, Recordings>>;
  /** What LVM tells of them: nothing where it is left out; `'missing'` where it is not installed. */
  readonly lvm?: PoolSight | 'missing';
  /** The LocalDisks of the machine by device path: these, and no others. */
  readonly disks: Readonly<Record<string, ExpectedDisk>>;
}

export interface ExpectedDisk {
  /** What tells it from every other; its name is made from that, and from its place where another has it too. */
  readonly identity: string;
  readonly sharesIdentity?: true;
  readonly type: PoolClass;
  readonly partitions: readonly string[];
  readonly state: LocalDiskClaimState;
  readonly reason: string;
  /** In the message: what is there, and what to do about it. */
  readonly says: readonly string[];
}

export type Recordings = Readonly<Record<string, Recording>>;

/** Columns that are `null` in most rows are left out there. */
export interface LsblkRow {
  readonly name: string;
  readonly 'maj:min': string;
  readonly type: string;
  readonly size: number;
  readonly [column: string]: unknown;
}

/** One row with all columns that the agent asks lsblk for. */
export const row = ({ name, ...told }: LsblkRow): LsblkRow => ({
  name,
  kname: name,
  path: `/dev/${name}`,
  ro: false,
  rm: false,
  rota: false,
  model: null,
  serial: null,
  wwn: null,
  vendor: null,
  tran: null,
  pttype: null,
  parttype: null,
  partuuid: null,
  fstype: null,
  mountpoints: [null],
  ...told,
});

/** Types of partitions that may be had. */
export const linuxFileSystem = '0fc63daf-8483-4772-8e79-3d69d8477de4';
export const linuxLvm = 'e6d6d379-f507-44c2-a23c-238f2a3df928';

/** A partition of a gpt table, unless told otherwise. */
export const partition = (
  name: string,
  number: string,
  told: { readonly size: number; readonly [column: string]: unknown },
): LsblkRow => row({ name, 'maj:min': number, type: 'part', pttype: 'gpt', ...told });

/** A logical volume, opened crypt device or the like: lsblk gives its name in /dev/mapper, the kernel has another. */
export const mapped = (number: number, told: Omit<LsblkRow, 'maj:min'>): LsblkRow =>
  row({
    ...(told as LsblkRow),
    kname: `dm-${number}`,
    path: `/dev/mapper/${String(told['name'])}`,
    'maj:min': `253:${number}`,
  });

/** The machine's own disk, where a shape is about another one. */
export const systemDisk = row({
  name: 'vda',
  'maj:min': '252:0',
  type: 'disk',
  size: 42_949_672_960,
  tran: 'virtio',
  vendor: '0x1af4',
  serial: 'system',
  pttype: 'gpt',
  children: [
    partition('vda1', '252:1', {
      size: 42_948_607_488,
      parttype: linuxFileSystem,
      partuuid: '0c8a8d2e-01',
      fstype: 'ext4',
      mountpoints: ['/'],
    }),
  ],
});

/** What is expected of its partition. */
export const systemPartition: ExpectedDisk = {
  identity: 'serial:0x1af4::system-part1',
  type: 'SSD',
  partitions: ['/dev/vda1 ext4 /'],
  state: 'Bound',
  reason: 'Mounted',
  says: ['Mounted on /', 'the system itself'],
};

/** A volume group of one physical volume, as LVM tells of it. */
export function volumeGroup(name: string, device: string, tags: readonly string[] = []): PoolSight {
  const uuid = `vg-of-${name}`;
  const sizes = { sizeBytes: 1e11, freeBytes: 0 };
  const group: VolumeGroup = {
    name,
    uuid,
    ...sizes,
    extentSizeBytes: 4_194_304,
    physicalVolumeCount: 1,
    logicalVolumeCount: 1,
    missingPhysicalVolumeCount: 0,
    tags,
    metadataFreeBytes: 519_680,
    metadataSizeBytes: 1_044_480,
  };
  const physical: PhysicalVolume = {
    device,
    uuid: `pv-of-${name}`,
    volumeGroup: { name, uuid },
    ...sizes,
    deviceSizeBytes: 1e11,
    firstExtentBytes: 1_048_576,
    allocatable: true,
    missing: false,
    duplicate: false,
  };
  return { groups: [group], physicalVolumes: [physical], logicalVolumes: [], mappings: [] };
}

/** A SATA disk `sdX` of 1 TB as udev and lsblk tell of it, for shapes that are about what is on it. */
export const sata = (name: string, number: number, told: object = {}): LsblkRow =>
  row({
    name,
    'maj:min': `8:${number * 16}`,
    type: 'disk',
    size: 1_000_204_886_016,
    rota: true,
    model: 'TOSHIBA MG04ACA100N',
    serial: `97HBK${number}QFS`,
    wwn: `0x500003980000000${number}`,
    vendor: 'ATA     ',
    tran: 'sata',
    ...told,
  });

export const sataRecord = (name: string, number: number, more = ''): string =>
  `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata${number + 1}/host${number}/target${number}:0:0/${number}:0:0:0/block/${name}
DEVNAME=/dev/${name}
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_ATA=1
ID_TYPE=disk
ID_BUS=ata
ID_SERIAL=TOSHIBA_MG04ACA100N_97HBK${number}QFS
ID_SERIAL_SHORT=97HBK${number}QFS
ID_WWN=0x500003980000000${number}
DEVLINKS=/dev/disk/by-id/wwn-0x500003980000000${number} /dev/disk/by-path/pci-0000:00:17.0-ata-${number + 1}
${more}`;

/** What is expected of such a disk whatever is on it. */
export const sataDisk = (number: number) =>
  ({ identity: `wwn:0x500003980000000${number}`, type: 'HDD', partitions: [] }) as const;

/** And of a partition of it. */
export const sataPartition = (number: number, partition: number) =>
  ({ ...sataDisk(number), identity: `wwn:0x500003980000000${number}-part${partition}` }) as const;
