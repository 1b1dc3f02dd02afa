import type { BlockDevice, DiskProbe } from '../../api/observed/index.ts';
import type { LocalDiskEvent } from '../../machines/index.ts';

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
  /** Absent: the disk could not be probed; of a mounted one, or one in a pool, nobody asks. */
  readonly probe?: DiskProbe;
  /** Mount points of the disk and of everything that stands on it. */
  readonly mountPoints: readonly string[];
  readonly partitioned: boolean;
  /** Pool whose volume group has this disk. */
  readonly pool?: string;
  /** Volume group of a pool's name that has this disk, and that another cluster marked. */
  readonly foreignGroup?: string;
  /** Where another disk of the same identity is, in words. */
  readonly twin?: string;
  readonly claimedBy?: string;
  readonly reserved: boolean;
}

/** Below this a disk is no use as a part of a pool. */
const minimumSizeBytes = 64 * 1024 ** 2;

const no = (reason: string, message: string): DiskVerdict => ({ usable: false, reason, message });

/** The first reason that speaks against a disk, those that leave most in doubt first. */
export function verdictOf(facts: DiskFacts): DiskVerdict {
  const { device, probe, mountPoints, partitioned, pool, foreignGroup, twin, claimedBy, reserved } = facts;
  if (device === undefined) return no('Inactive', 'The disk is not plugged in.');
  if (pool !== undefined) return no('InPool', `The disk belongs to pool ${pool}.`);
  if (twin !== undefined)
    return no('DuplicateIdentity', `Another disk has the same serial number or WWN: ${twin}. Neither is used.`);
  if (foreignGroup !== undefined)
    return no(
      'ForeignPool',
      `Volume group ${foreignGroup} on the disk carries the mark of another cluster, so it is left alone. If its content may go: vgremove ${foreignGroup}; wipefs -a ${device.path}`,
    );
  if (mountPoints.length > 0) return no('Mounted', `Mounted on ${mountPoints.join(', ')}.`);
  if (probe === undefined) return no('ReadError', 'The disk could not be probed.');
  if (!probe.readable) return no('ReadError', `The disk could not be read: ${probe.readError ?? 'unknown error'}.`);
  if (partitioned) return no('Partitioned', 'The disk has a partition table.');
  if (probe.signatures.length > 0)
    return no(
      'HasSignature',
      `Found ${probe.signatures.map(({ type }) => type).join(', ')} on the disk. If its content may go: wipefs -a ${device.path}`,
    );
  if (probe.busy !== undefined) return no('InUse', `The disk is in use: ${probe.busy}.`);
  if (device.holders.length > 0) return no('InUse', `The disk is held by ${device.holders.join(', ')}.`);
  if (!probe.blank)
    return no('Unsure', `The disk could not be shown to be empty: ${probe.readError ?? 'a prober failed'}.`);
  if (device.readOnly) return no('ReadOnly', 'The disk is read-only.');
  if (device.removable) return no('Removable', 'The disk is removable.');
  if (device.sizeBytes < minimumSizeBytes) return no('TooSmall', 'The disk is smaller than 64 MiB.');
  if (claimedBy !== undefined) return no('Claimed', `LocalDiskClaim ${claimedBy} has the disk.`);
  if (reserved) return no('Reserved', 'The disk is reserved.');
  return { usable: true, reason: 'Blank', message: 'The disk is empty, and nobody uses it.' };
}

/** What a verdict means for the life of a LocalDisk. */
export function diskEvent({ usable, reason }: DiskVerdict): LocalDiskEvent {
  if (usable) return { type: 'disk.blank' };
  if (reason === 'Reserved') return { type: 'disk.reserved' };
  if (['Inactive', 'DuplicateIdentity', 'ReadError', 'Unsure'].includes(reason)) return { type: 'disk.unsure' };
  return { type: ['InPool', 'Claimed'].includes(reason) ? 'disk.claimed' : 'disk.occupied' };
}
