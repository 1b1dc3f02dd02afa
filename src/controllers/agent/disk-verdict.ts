import type { BlockDevice, DiskProbe } from '../../api/observed/index.ts';
import type { LocalDiskEvent } from '../../machines/index.ts';
import { listed } from './words.ts';

/** Why a disk can't be used, or that it can. */
export interface DiskVerdict {
  readonly usable: boolean;
  /** One CamelCase word for the condition. */
  readonly reason: string;
  readonly message: string;
}

export interface DiskFacts {
  /** Absent: the disk is not plugged in. */
  readonly device?: BlockDevice;
  /** Absent: the disk could not be probed; of one in use, or one in a pool, nobody asks. */
  readonly probe?: DiskProbe;
  /** Mount points of the disk and of everything that stands on it. */
  readonly mountPoints: readonly string[];
  /** What stands on the disk or a partition of it. */
  readonly holders: readonly BlockDevice[];
  readonly partitions: readonly BlockDevice[];
  /** Pool whose volume group has this disk. */
  readonly pool?: string;
  /** Volume group of a pool's name that has this disk, and that another cluster marked. */
  readonly foreignGroup?: string;
  /** Where another disk of the same identity is, in words. */
  readonly twin?: string;
  readonly claimedBy?: string;
  readonly reserved: boolean;
  /** LocalDiskAction that reserved it. */
  readonly reservedBy?: string;
}

const no = (reason: string, message: string): DiskVerdict => ({ usable: false, reason, message });

/** The first reason that speaks against a disk: who has it, then what it is for ever, then what a person can clear. */
export function verdictOf(facts: DiskFacts): DiskVerdict {
  const { device, pool, claimedBy, reserved, reservedBy } = facts;
  if (device === undefined)
    return no('Inactive', 'The disk is not plugged in. If it is gone for good, delete its LocalDisk.');
  if (pool !== undefined) return no('InPool', `The disk belongs to pool ${pool}.`);
  const spoken = ofIdentity(device, facts) ?? ofUsers(device, facts) ?? ofHardware(device) ?? ofContent(device, facts);
  if (spoken !== undefined) return spoken;
  if (claimedBy !== undefined) return no('Claimed', `LocalDiskClaim ${claimedBy} has the disk.`);
  if (reserved)
    return no(
      'Reserved',
      `The disk is reserved${reservedBy === undefined ? '' : ` by LocalDiskAction ${reservedBy}`}. To have it used, set spec.reserved of its LocalDisk to false.`,
    );
  return { usable: true, reason: 'Blank', message: 'The disk is empty, and nobody uses it.' };
}

/** Whether it is a disk of its own at all. */
function ofIdentity({ fileSystem, path }: BlockDevice, { holders, twin }: DiskFacts): DiskVerdict | undefined {
  const multipath = holders.find(({ type }) => type === 'mpath');
  if (multipath !== undefined || fileSystem === 'mpath_member')
    return no(
      'MultipathPath',
      `The disk is one path of ${multipath === undefined ? 'a multipath device' : `multipath device ${multipath.path}`}, and multipath devices are not used. If it is a local disk that multipathd took by mistake: name it in the blacklist of /etc/multipath.conf, then multipath -w ${path}; systemctl reload multipathd`,
    );
  if (twin === undefined) return undefined;
  return no(
    'DuplicateIdentity',
    `Another disk has the same serial number or WWN: ${twin}. Neither is used. Give each a serial number of its own where it is a virtual disk; unplug one where it is a copy.`,
  );
}

/** Who uses it. */
function ofUsers(device: BlockDevice, facts: DiskFacts): DiskVerdict | undefined {
  const { foreignGroup, mountPoints, holders, partitions, probe } = facts;
  const { path } = device;
  if (foreignGroup !== undefined)
    return no(
      'ForeignPool',
      `Volume group ${foreignGroup} on the disk carries the mark of another cluster, so it is left alone. If its content may go: vgremove ${foreignGroup}; wipefs -a ${path}`,
    );
  const mounted = mountPoints.filter((point) => point !== '[SWAP]');
  if (mounted.includes('/'))
    return no('Mounted', `Mounted on ${listed(mounted)}: the system itself runs from the disk.`);
  if (mounted.length > 0)
    return no(
      'Mounted',
      `Mounted on ${listed(mounted)}. If its content may go: umount it, then ${wiping(device, partitions)}`,
    );
  if (mountPoints.length > 0)
    return no('InUse', `The disk is used as swap. If it may go: swapoff it, then ${wiping(device, partitions)}`);
  const users =
    holders.length > 0
      ? `held by ${listed(holders.map(({ path, type }) => `${path} (${type})`))}`
      : isPartitioned(device, partitions)
        ? undefined
        : probe?.busy;
  if (users === undefined) return undefined;
  return no(
    'InUse',
    `The disk is in use: ${users}. If its content may go: end that use first, then ${wiping(device, partitions)}`,
  );
}

/** Below this a disk is no use as a part of a pool. */
const minimumSizeBytes = 64 * 1024 ** 2;

/** lsblk's words for ways to a disk that may stand in another machine, where others may use it. */
const networks = ['iscsi', 'fc', 'fcoe'];

/** What no wiping would change. */
function ofHardware({ removable, transport = '', readOnly, sizeBytes, path }: BlockDevice): DiskVerdict | undefined {
  if (networks.includes(transport))
    return no(
      'Remote',
      `The disk is reached over ${transport}: it is not local, and others may use it. Use a local disk.`,
    );
  if (removable) return no('Removable', 'The disk is removable, and would take volumes with it. Use one that stays.');
  if (sizeBytes < minimumSizeBytes) return no('TooSmall', 'The disk is smaller than 64 MiB. Use a larger one.');
  if (readOnly)
    return no('ReadOnly', `The disk is read-only. If no switch on it is the cause: blockdev --setrw ${path}`);
  return undefined;
}

/** What is on it. */
function ofContent(device: BlockDevice, { probe, partitions }: DiskFacts): DiskVerdict | undefined {
  const unread = 'See the kernel log of the node (dmesg); replace the disk if it is broken.';
  if (probe === undefined) return no('ReadError', `The disk could not be probed. ${unread}`);
  if (!probe.readable)
    return no('ReadError', `The disk could not be read: ${probe.readError ?? 'unknown error'}. ${unread}`);
  if (isPartitioned(device, partitions)) return no('Partitioned', partitionWords(device, partitions));
  if (probe.signatures.length > 0)
    return no(
      'HasSignature',
      `Found ${listed([...new Set(probe.signatures.map(({ type }) => type))])} on the disk. If its content may go: wipefs -a ${device.path}`,
    );
  if (probe.blank) return undefined;
  const doubt = probe.ambivalent ? 'it has signatures that exclude each other' : (probe.readError ?? 'a prober failed');
  return no(
    'Unsure',
    `The disk could not be shown to be empty: ${doubt}. If its content may go: dd if=/dev/zero of=${device.path} bs=1M count=16; wipefs -a ${device.path}`,
  );
}

const isPartitioned = ({ partitionTable }: BlockDevice, partitions: readonly BlockDevice[]): boolean =>
  partitions.length > 0 || partitionTable !== undefined;

function partitionWords(device: BlockDevice, partitions: readonly BlockDevice[]): string {
  const found = partitions.map(
    ({ path, fileSystem }) => `${path}${fileSystem === undefined ? '' : ` (${fileSystem})`}`,
  );
  const what = found.length === 0 ? 'and no partition' : `with ${listed(found)}`;
  return `The disk has a partition table ${what}. If its content may go: ${wiping(device, partitions)}`;
}

/** The command that empties a disk. Partitions go first: what stands in them would be found again. */
const wiping = ({ path }: BlockDevice, partitions: readonly BlockDevice[]): string =>
  `wipefs -a ${[...partitions.map(({ path }) => path), path].join(' ')}`;

/** What a verdict means for the life of a LocalDisk. */
export function diskEvent({ usable, reason }: DiskVerdict): LocalDiskEvent {
  if (usable) return { type: 'disk.blank' };
  if (reason === 'Reserved') return { type: 'disk.reserved' };
  if (['Inactive', 'DuplicateIdentity', 'ReadError', 'Unsure'].includes(reason)) return { type: 'disk.unsure' };
  return { type: ['InPool', 'Claimed'].includes(reason) ? 'disk.claimed' : 'disk.occupied' };
}
