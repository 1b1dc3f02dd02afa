import type { BlockDevice, DiskProbe } from '../../../api/observed/index.ts';
import type { LocalDiskEvent } from '../../../machines/index.ts';
import { failingWords } from './disk-health.ts';
import { type CommandError, isCommandError } from '../../../node/errors.ts';
import { askLvm, ifMayGo, isLvmUnknown } from './disk-remedy.ts';
import type { LvmUses } from './lvm-use.ts';
import { partitionRefusal } from './partition-type.ts';
import { listed } from '../words.ts';

/** Why a disk can't be used, or that it can. */
export interface DiskVerdict {
  readonly usable: boolean;
  /** One CamelCase word for the condition. */
  readonly reason: string;
  readonly message: string;
}

/** Of one disk, or of one partition. */
export interface DiskFacts {
  readonly device: BlockDevice;
  /** The disk that a partition is on. */
  readonly disk?: WholeDisk;
  /** Absent: the disk could not be probed; of one in use, or one in a pool, nobody asks. */
  readonly probe?: DiskProbe;
  /** Why it could not be probed. */
  readonly probeError?: CommandError;
  /** Mount points of the disk and of everything that stands on it, but for what stands on partitions of a pool. */
  readonly mountPoints: readonly string[];
  /** What stands on the disk or a partition of it, but for what stands on partitions of a pool. */
  readonly holders: readonly BlockDevice[];
  readonly partitions: readonly BlockDevice[];
  /** The disk says of itself that it is failing. */
  readonly isFailing?: boolean;
  /** What LVM has on the disk and its partitions. */
  readonly lvm: LvmUses;
  /** Pool whose volume group has this disk. */
  readonly pool?: string;
  /** Pool whose volume group had this disk, and is gone from it while volumes of it are wanted. */
  readonly lostPool?: string;
  /** The physical volume that its LocalDisk stands for, while LVM can't be asked. */
  readonly passport?: string;
  /** Where another disk of the same identity is, in words. */
  readonly twin?: string;
  readonly claimedBy?: string;
  readonly reserved: boolean;
  /** LocalDiskAction that reserved it. */
  readonly reservedBy?: string;
}

/** The disk of a partition, and what stands on it as a whole. */
export interface WholeDisk {
  readonly device: BlockDevice;
  readonly holders: readonly BlockDevice[];
}

const no = (reason: string, message: string): DiskVerdict => ({ usable: false, reason, message });

/** Of a disk that is not plugged in: what is missed with it. `pool`: LVM waits for it, too. */
export function absentVerdict({
  isPartition = false,
  pvUUID,
  pool,
}: {
  isPartition?: boolean;
  pvUUID?: string | undefined;
  pool?: string | undefined;
}): DiskVerdict {
  const away = isPartition
    ? 'The partition is away: its disk is not plugged in, or was partitioned anew'
    : 'The disk is not plugged in';
  const gone = 'If it is gone for good, delete its LocalDisk.';
  const given = 'If it is gone for good, or was taken out of the pool or wiped by hand, delete this LocalDisk.';
  if (pool !== undefined)
    return no(
      'Inactive',
      `${away}. Pool ${pool} misses it, its physical volume ${pvUUID}: plug the disk in again, in whatever slot. Another disk in its place is none of the pool. ${given}`,
    );
  if (pvUUID !== undefined)
    return no(
      'Inactive',
      `${away}. A pool had it, as physical volume ${pvUUID}: plug the disk in again to have that back. ${given}`,
    );
  return no('Inactive', `${away}. ${gone}`);
}

/** The first reason that speaks against a disk: who has it, then what it is for ever, then what a person can clear. */
export function verdictOf(facts: DiskFacts): DiskVerdict {
  const { device, pool, claimedBy, reserved, reservedBy } = facts;
  const it = noun(device);
  if (pool !== undefined) return no('InPool', `The ${it} belongs to pool ${pool}.`);
  const spoken =
    ofPooledPartitions(facts) ??
    ofIdentity(facts) ??
    ofLostPool(facts) ??
    ofUsers(facts) ??
    ofUnknownOwner(facts) ??
    ofHardware(facts) ??
    ofHealth(facts) ??
    ofMeaning(facts) ??
    ofSize(facts) ??
    ofContent(facts) ??
    ofStranger(facts);
  if (spoken !== undefined) return spoken;
  if (claimedBy !== undefined) return no('Claimed', `LocalDiskClaim ${claimedBy} has the ${it}.`);
  if (reserved)
    return no(
      'Reserved',
      `The ${it} is reserved${reservedBy === undefined ? '' : ` by LocalDiskAction ${reservedBy}`}. To have it used, set spec.reserved of its LocalDisk to false.`,
    );
  return { usable: true, reason: 'Blank', message: `The ${it} is empty, and nobody uses it.` };
}

const noun = ({ type }: BlockDevice): string => (type === 'part' ? 'partition' : 'disk');

/** A disk whose partition a pool has is not to be emptied by anyone who reads of it. */
function ofPooledPartitions({ partitions, lvm, mountPoints }: DiskFacts): DiskVerdict | undefined {
  const pooled = partitions.flatMap(({ path }) => {
    const use = lvm?.get(path);
    return use?.kind === 'pool' ? [`${path} belongs to pool ${use.group}`] : [];
  });
  if (pooled.length === 0) return undefined;
  const mounted = mountPoints.length === 0 ? '' : ` Others of its partitions are in use: ${listed(mountPoints)}.`;
  return no('Partitioned', `The disk is partitioned, and ${listed(pooled)}.${mounted} Leave its table alone.`);
}

/** Whether it is a disk of its own at all. */
function ofIdentity({ device, disk, holders, lvm, twin }: DiskFacts): DiskVerdict | undefined {
  const whole = disk?.device ?? device;
  const multipath = [...holders, ...(disk?.holders ?? [])].find(({ type }) => type === 'mpath');
  if (multipath !== undefined || whole.fileSystem === 'mpath_member')
    return no(
      'MultipathPath',
      `The disk is one path of ${multipath === undefined ? 'a multipath device' : `multipath device ${multipath.path}`}, and multipath devices are not used. If it is a local disk that multipathd took by mistake: name it in the blacklist of /etc/multipath.conf, then multipath -w ${whole.path}; systemctl reload multipathd`,
    );
  const use = lvm?.get(device.path);
  if (use !== undefined && use.copies.length > 0)
    return no(
      'DuplicatePhysicalVolume',
      `The ${noun(device)} and ${listed(use.copies)} are byte copies of each other: all carry physical volume ${use.pvUuid}${use.group === '' ? '' : ` of volume group ${use.group}`}, and LVM refuses every change of that group. Unplug the one that is the copy; to keep both, on the copy alone: vgimportclone PATH`,
    );
  if (twin === undefined) return undefined;
  return twinVerdict(twin);
}

/** @param twin where another disk of the same identity is, in words */
export const twinVerdict = (twin: string): DiskVerdict =>
  no('DuplicateIdentity', `${twinWords(twin)} Neither is used. ${twinRemedy}`);

export const twinWords = (twin: string): string => `Another disk has the same serial number or WWN: ${twin}.`;
export const twinRemedy =
  'Give each a serial number of its own where it is a virtual disk; unplug one where it is a copy.';

/** What a pool had on the disk may still be had back, as long as nobody writes there. */
function ofLostPool({ device, lvm, lostPool }: DiskFacts): DiskVerdict | undefined {
  if (lostPool === undefined || lvm?.get(device.path)?.kind === 'awayGroup') return undefined;
  return no(
    'PoolLost',
    `The ${noun(device)} held pool ${lostPool}, whose volume group is gone while volumes of it are wanted. Restore it, or release the volumes: condition PoolsHealthy of the LocalStorageNode says how. Nothing is made on the ${noun(device)} until then.`,
  );
}

/** Where the machine's own system is mounted: nobody is told how to empty that. */
const systemMounts = ['/', '/boot', '/boot/efi', '/efi', '/usr', '/var'];

/** Who uses it. */
function ofUsers(facts: DiskFacts): DiskVerdict | undefined {
  const { device, disk, mountPoints, holders, partitions, probe } = facts;
  const it = noun(device);
  const mounted = mountPoints.filter((point) => point !== '[SWAP]');
  if (mounted.some((point) => systemMounts.includes(point)))
    return no('Mounted', `Mounted on ${listed(mounted)}: the system itself runs from the ${it}.`);
  if (mounted.length > 0) return no('Mounted', `Mounted on ${listed(mounted)}. ${ifMayGo(facts, 'umount it')}`);
  const group = ofGroup(facts);
  if (group !== undefined) return group;
  if (mountPoints.length > 0) return no('InUse', `The ${it} is used as swap. ${ifMayGo(facts, 'swapoff it')}`);
  const whole = disk === undefined ? undefined : userOfWhole(disk, facts);
  if (whole !== undefined) return no('InUse', `The whole disk of the partition is in use: ${whole}.`);
  const users =
    holders.length > 0
      ? `held by ${listed(holders.map(({ path, type }) => `${path} (${type})`))}`
      : partitions.length > 0
        ? undefined
        : probe?.busy;
  if (users === undefined) return undefined;
  return no('InUse', `The ${it} is in use: ${users}. ${ifMayGo(facts, 'end that use first')}`);
}

/** Who uses the disk of a partition as if it had none. */
function userOfWhole({ device, holders }: WholeDisk, { lvm }: DiskFacts): string | undefined {
  const use = lvm?.get(device.path);
  if (use !== undefined) return `${device.path} is a physical volume of LVM`;
  if (device.mountPoints.length > 0) return `${device.path} is mounted on ${listed(device.mountPoints)}`;
  const held = holders.map(({ path, type }) => `${path} (${type})`);
  return held.length === 0 ? undefined : `${device.path} is held by ${listed(held)}`;
}

/** A volume group that is not ours has it. */
function ofGroup(facts: DiskFacts): DiskVerdict | undefined {
  const { device, lvm } = facts;
  const use = lvm?.get(device.path);
  if (use === undefined || use.kind === 'orphan') return undefined;
  if (use.kind === 'awayGroup')
    return no('GroupAway', `The ${noun(device)} is a part of a volume group. ${ifMayGo(facts)}`);
  if (use.kind === 'movedPool') return no('MovedPool', `The ${noun(device)} came from another node. ${ifMayGo(facts)}`);
  const group = `Volume group ${use.group} on the ${noun(device)}`;
  return use.kind === 'foreignPool'
    ? no(
        'ForeignPool',
        `${group} carries the mark of another cluster, or has the name of another, so it is left alone. If it is the node’s own after all, see condition GroupsOwned of its LocalStorageNode. ${ifMayGo(facts)}`,
      )
    : no('ForeignGroup', `${group} is none of a pool, so it is left alone. ${ifMayGo(facts)}`);
}

/** A physical volume, and LVM can't be asked. */
function ofUnknownOwner(facts: DiskFacts): DiskVerdict | undefined {
  const { device, probe, lvm, passport } = facts;
  if (lvm !== undefined) return undefined;
  const isFound = isLvmUnknown({ ...facts, partitions: [] }) || probe?.signatures.some(isLvmLabel) === true;
  if (!isFound && passport === undefined) return undefined;
  const what = passport === undefined ? 'A physical volume of LVM is' : `Physical volume ${passport} of a pool was`;
  return no('LvmUnknown', `${what} on the ${noun(device)}. ${askLvm}`);
}

const isLvmLabel = ({ type }: { type: string }): boolean => type === 'LVM2_member';

/** What a partition is meant for. */
function ofMeaning({ device, disk }: DiskFacts): DiskVerdict | undefined {
  const refusal = disk === undefined ? undefined : partitionRefusal(device, disk.device);
  return refusal === undefined ? undefined : no('PartitionType', refusal);
}

/** Below this a disk is no use as a part of a pool. */
const minimumSizeBytes = 64 * 1024 ** 2;

/** lsblk's words for ways to a disk that may stand in another machine, where others may use it. */
const networks = ['iscsi', 'fc', 'fcoe'];

/** What no wiping would change. */
function ofHardware({ device, disk }: DiskFacts): DiskVerdict | undefined {
  const whole = disk?.device ?? device;
  const { transport = '' } = whole;
  if (networks.includes(transport))
    return no(
      'Remote',
      `The disk is reached over ${transport}: it is not local, and others may use it. Use a local disk.`,
    );
  if (whole.removable)
    return no('Removable', 'The disk is removable, and would take volumes with it. Use one that stays.');
  const readOnly = [whole, device].find(({ readOnly }) => readOnly);
  if (readOnly !== undefined)
    return no(
      'ReadOnly',
      `The ${noun(readOnly)} is read-only. If no switch on it is the cause: blockdev --setrw ${readOnly.path}`,
    );
  return undefined;
}

/** What it says of itself. */
const ofHealth = ({ device, disk, isFailing = false }: DiskFacts): DiskVerdict | undefined =>
  isFailing
    ? no('Failing', `${failingWords} Replace it. What it tells: smartctl -a ${(disk?.device ?? device).path}`)
    : undefined;

/** Whether it is worth having. */
function ofSize({ device }: DiskFacts): DiskVerdict | undefined {
  if (device.sizeBytes < minimumSizeBytes)
    return no('TooSmall', `The ${noun(device)} is smaller than 64 MiB. Use a larger one.`);
  return undefined;
}

/** What is on it. */
function ofContent(facts: DiskFacts): DiskVerdict | undefined {
  const { device, probe, probeError, partitions } = facts;
  const it = noun(device);
  const unread = 'See the kernel log of the node (dmesg); replace the disk if it is broken.';
  if (partitions.length > 0) return no('Partitioned', partitionWords(facts));
  if (probe === undefined && isCommandError(probeError, 'TOOL_MISSING'))
    return no('ToolMissing', `Nobody knows what is on the ${it}, as the node lacks a program: ${probeError.message}`);
  if (probe === undefined) return no('ReadError', `The ${it} could not be probed. ${probeError?.message ?? unread}`);
  if (!probe.readable)
    return no('ReadError', `The ${it} could not be read: ${probe.readError ?? 'unknown error'}. ${unread}`);
  if (it === 'disk' && device.partitionTable !== undefined) return no('Partitioned', partitionWords(facts));
  if (probe.signatures.length > 0) return ofSignatures(probe, facts);
  if (probe.blank) return undefined;
  const doubt = probe.ambivalent ? 'it has signatures that exclude each other' : (probe.readError ?? 'a prober failed');
  return no(
    'Unsure',
    `The ${it} could not be shown to be empty: ${doubt}. If its content may go: dd if=/dev/zero of=${device.path} bs=1M count=16; wipefs -a ${device.path}`,
  );
}

/** Of a disk that nobody can tell from others, nobody knows whether a person reserved it, or a claim has it. */
function ofStranger({ device, disk }: DiskFacts): DiskVerdict | undefined {
  const whole = disk?.device ?? device;
  if (whole.inUdevDatabase) return undefined;
  return no(
    'NotInUdev',
    `udev has no record of the disk, so nobody knows its serial number, and it may be one that is reserved or claimed. If that does not end by itself: systemctl status systemd-udevd; udevadm trigger --name-match=${whole.path}`,
  );
}

function ofSignatures({ signatures }: DiskProbe, facts: DiskFacts): DiskVerdict | undefined {
  const { device, lvm, claimedBy } = facts;
  const isOrphan = lvm?.get(device.path)?.kind === 'orphan';
  // As a vgcreate leaves it that was interrupted: whoever has the claim goes on with it.
  if (isOrphan && claimedBy !== undefined && signatures.every(isLvmLabel)) return undefined;
  const found = `Found ${listed([...new Set(signatures.map(({ type }) => type))])} on the ${noun(device)}`;
  const isHidden = !isOrphan && signatures.some(isLvmLabel);
  const hidden = isHidden ? ', a physical volume that LVM does not show: see lvmdevices(8) and its filter' : '';
  return no(
    'HasSignature',
    `${found}${isOrphan ? ', a physical volume of no volume group' : hidden}. ${ifMayGo(facts)}`,
  );
}

function partitionWords(facts: DiskFacts): string {
  const found = facts.partitions.map(
    ({ path, fileSystem }) => `${path}${fileSystem === undefined ? '' : ` (${fileSystem})`}`,
  );
  if (found.length === 0) return `The disk has a partition table and no partition. ${ifMayGo(facts)}`;
  return `The disk has a partition table with ${listed(found)}. A LocalDiskClaim that names a partition can take it alone. ${ifMayGo(facts)}`;
}

/** What a verdict means for the life of a LocalDisk. */
export function diskEvent({ usable, reason }: DiskVerdict): LocalDiskEvent {
  if (usable) return { type: 'disk.blank' };
  if (reason === 'Reserved') return { type: 'disk.reserved' };
  const doubts = [
    'Inactive',
    'DuplicateIdentity',
    'DuplicatePhysicalVolume',
    'LvmUnknown',
    'ReadError',
    'ToolMissing',
    'Unsure',
    'Failing',
    'NotInUdev',
  ];
  if (doubts.includes(reason)) return { type: 'disk.unsure' };
  return { type: ['InPool', 'Claimed'].includes(reason) ? 'disk.claimed' : 'disk.occupied' };
}
