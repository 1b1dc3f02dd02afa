/**
 * What to do about a failure: `backoff` try again later by itself, `wait` nothing will change until something is
 * observed to have changed, `give-up` the request itself can never succeed.
 */
export type RetryRule = 'backoff' | 'wait' | 'give-up';

const retryMs: Record<RetryRule, number> = { backoff: 5_000, wait: 20_000, 'give-up': 300_000 };

interface ErrorCodeEntry {
  readonly meaning: string;
  readonly retry: RetryRule;
  readonly hint: string;
}

/** Every way a host tool can refuse, by code. The one table: docs and status reasons are made from it. */
export const errorCodes = {
  // The run itself.
  TIMED_OUT: {
    meaning: 'the command did not end in time; whether it did its work is unknown',
    retry: 'backoff',
    hint: 'Look for a hung device (processes in state D, dmesg).',
  },
  DEVICE_HUNG: {
    meaning: 'an earlier command on this device has not ended, so no other is started on it',
    retry: 'backoff',
    hint: 'Look for a hung device (processes in state D, dmesg); the node may need a reboot.',
  },
  ABORTED: { meaning: 'the caller gave up waiting; the outcome is unknown', retry: 'backoff', hint: '' },
  TOOL_MISSING: {
    meaning: 'the host lacks the program',
    retry: 'wait',
    hint: 'Install the package that has it on the node; what disks are looked at with is named by condition Available of the LocalStorageNode.',
  },
  UNEXPECTED_OUTPUT: {
    meaning: 'the tool printed something this version does not understand',
    retry: 'backoff',
    hint: 'Compare the tool version on the node with the supported ones.',
  },
  FAILED: { meaning: 'the tool failed for a reason not known here', retry: 'backoff', hint: 'See its stderr.' },
  // Devices.
  DEVICE_NOT_FOUND: { meaning: 'no such device', retry: 'wait', hint: 'Check that the disk is plugged in.' },
  DEVICE_CHANGED: {
    meaning: 'the device is no longer the one that was meant (number, size, serial or WWN differ)',
    retry: 'wait',
    hint: 'The disk was replaced or renamed; look at the LocalDisk objects of the node.',
  },
  DEVICE_IN_USE: {
    meaning: 'something mounts, holds or has opened the device',
    retry: 'wait',
    hint: 'See lsblk and /sys/class/block/*/holders on the node.',
  },
  DEVICE_UNREADABLE: {
    meaning: 'the device could not be read, so nothing is known of what it holds',
    retry: 'wait',
    hint: 'Check the disk: dmesg, smartctl.',
  },
  SIGNATURE_FOUND: {
    meaning: 'the device holds a file system, partition table or another sign of use',
    retry: 'wait',
    hint: 'If its content may go, wipe it: wipefs -a DEVICE.',
  },
  CONTENT_CHANGED: {
    meaning: 'what stands on the device is not what was seen when it was chosen to be wiped, so nothing was written',
    retry: 'wait',
    hint: 'Somebody used the disk since. If its content may go all the same, delete the LocalDiskClaim and make it anew.',
  },
  // File systems.
  TARGET_IN_USE: {
    meaning: 'something else is mounted there',
    retry: 'wait',
    hint: 'See findmnt on the node, and unmount what does not belong there.',
  },
  NOT_MOUNTED: { meaning: 'nothing of it is mounted there', retry: 'backoff', hint: 'See findmnt on the node.' },
  MOUNT_REFUSED: {
    meaning: 'the kernel did not mount the file system',
    retry: 'wait',
    hint: 'dmesg on the node says why; a damaged file system is checked with e2fsck or xfs_repair, wrong mount options are those of the StorageClass.',
  },
  // LVM.
  VG_NOT_FOUND: { meaning: 'no such volume group', retry: 'wait', hint: 'Check vgs and pvs on the node.' },
  VG_EXISTS: {
    meaning: 'a volume group of that name exists and is not the one meant',
    retry: 'wait',
    hint: 'Rename or remove the other volume group.',
  },
  VG_AMBIGUOUS: {
    meaning: 'several volume groups carry this name',
    retry: 'wait',
    hint: 'Rename one of them: vgrename UUID NEWNAME.',
  },
  VG_CHANGED: {
    meaning: 'the volume group of that name has another UUID than the one meant',
    retry: 'wait',
    hint: 'The disks of the node were exchanged or the group was made anew.',
  },
  VG_NOT_OURS: {
    meaning: 'the volume group lacks the tags that mark it as this cluster’s',
    retry: 'wait',
    hint: 'It belongs to someone else and is left alone.',
  },
  LV_NOT_FOUND: { meaning: 'no such logical volume', retry: 'wait', hint: 'Check lvs on the node.' },
  LV_NOT_OURS: {
    meaning: 'the logical volume of that name lacks the tags that were asked for',
    retry: 'wait',
    hint: 'It belongs to someone else and is left alone; rename it.',
  },
  LV_CHANGED: {
    meaning: 'the logical volume of that name has another UUID than the one meant',
    retry: 'wait',
    hint: 'It was removed and made anew by someone else.',
  },
  LV_TOO_SMALL: {
    meaning: 'the logical volume exists with less than the size asked for',
    retry: 'wait',
    hint: 'Extend it instead of creating it.',
  },
  LV_MOVING: {
    meaning: 'the logical volume is being moved to another disk, and can’t be changed meanwhile',
    retry: 'backoff',
    hint: 'It is tried again by itself; kubectl describe localdisks tells how far the move is.',
  },
  NO_SPACE: {
    meaning: 'the volume group has not enough free extents',
    retry: 'wait',
    hint: 'Extend the pool with a LocalDiskClaim, or shrink the request.',
  },
  PV_MISSING: {
    meaning: 'a disk of the volume group is missing, so the group can’t be changed',
    retry: 'wait',
    hint: 'Plug the disk in again, or replace it and remove it from the group.',
  },
  PV_DUPLICATE: {
    meaning: 'two devices carry the same physical volume UUID, so the group can’t be changed',
    retry: 'wait',
    hint: 'Remove the copy, or give it new identifiers with vgimportclone.',
  },
  PV_NOT_FOUND: {
    meaning: 'no such physical volume, or not in the group that was meant',
    retry: 'wait',
    hint: 'Check pvs on the node.',
  },
  PV_IN_USE: {
    meaning: 'something stands on the physical volume, or its group can’t be without it',
    retry: 'wait',
    hint: 'See pvs --segments -o +lv_name on the node.',
  },
  KERNEL_TARGET_MISSING: {
    meaning: 'the kernel of the node lacks what this needs',
    retry: 'wait',
    hint: 'Load it on the node: modprobe dm-mirror.',
  },
  BUSY: {
    meaning: 'another lvm command has had the lock for a while',
    retry: 'backoff',
    hint: 'lslocks on the node shows who has it: let that command end, or end it. A question it asks waits for an answer.',
  },
  BAD_NAME: { meaning: 'lvm or DRBD does not accept the name', retry: 'give-up', hint: 'Choose another name.' },
  BAD_SIZE: { meaning: 'the size is not usable', retry: 'give-up', hint: 'Ask for a positive size.' },
  BAD_TAG: { meaning: 'lvm does not accept the tag', retry: 'give-up', hint: '' },
  // DRBD.
  DRBD_NOT_LOADED: {
    meaning: 'the kernel has no DRBD',
    retry: 'wait',
    hint: 'Load the drbd module on the node.',
  },
  DRBD_BAD_CONFIG: {
    meaning: 'the resource description can’t be written as a resource file',
    retry: 'give-up',
    hint: 'Check node names and addresses.',
  },
  DRBD_FILE_NOT_OURS: {
    meaning: 'a resource file of that name was not written by this product',
    retry: 'wait',
    hint: 'Rename the other resource.',
  },
  DRBD_RESOURCE_NOT_OURS: {
    meaning: 'the kernel runs a resource of that name that no resource file of this product describes',
    retry: 'wait',
    hint: 'It is left alone. If its resource file was deleted, it is taken up again once that is written anew; else stop or rename the other resource: drbdsetup down NAME.',
  },
  DRBD_UNKNOWN_RESOURCE: { meaning: 'DRBD does not know the resource', retry: 'backoff', hint: '' },
  DRBD_METADATA_EXISTS: {
    meaning: 'the device holds DRBD metadata already; making it anew would lose its history',
    retry: 'wait',
    hint: 'It belongs to an earlier pair: that one has to be released first.',
  },
  DRBD_NO_METADATA: { meaning: 'the device holds no DRBD metadata', retry: 'wait', hint: '' },
  DRBD_NO_UP_TO_DATE_DATA: {
    meaning: 'this would leave no up-to-date data, or needs some and there is none',
    retry: 'wait',
    hint: 'Bring the node with the up-to-date copy back.',
  },
  DRBD_PEER_IS_PRIMARY: { meaning: 'the other side is primary', retry: 'wait', hint: '' },
  DRBD_PEER_NOT_OUTDATED: { meaning: 'the other side is not known to be fenced', retry: 'wait', hint: '' },
  DRBD_REFUSED_BY_PEER: { meaning: 'the other side refused', retry: 'backoff', hint: '' },
  DRBD_ADDRESS_IN_USE: {
    meaning: 'the port or minor is in use by another resource',
    retry: 'wait',
    hint: 'See drbdsetup show and ss -ltn on the node.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;

interface CommandFailure {
  readonly code: ErrorCode;
  /** What was being done, in words a person reads: `lvcreate pvc-1 in LocalStorage_PoolHDD`. */
  readonly command: string;
  readonly exitCode?: number;
  readonly stderr?: string;
  readonly cause?: unknown;
}

/** A host tool refused, or a check before it did. `message` says what happened, why, and what to do. */
export class CommandError extends Error {
  readonly code: ErrorCode;
  readonly command: string;
  /** Absent when the tool was not run, or has not ended. */
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor({ code, command, exitCode, stderr = '', cause }: CommandFailure) {
    const { meaning, hint } = errorCodes[code];
    const status = exitCode === undefined ? '' : ` (exit status ${exitCode})`;
    const said = stderr
      .trim()
      .replaceAll(/\s*\n\s*/g, '; ')
      .replace(/\.$/, '');
    const detail = said === '' ? '' : `: ${said}`;
    super(`${command} failed${status}: ${meaning}${detail}.${hint === '' ? '' : ` ${hint}`}`, { cause });
    this.name = 'CommandError';
    this.code = code;
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }

  get retry(): RetryRule {
    return errorCodes[this.code].retry;
  }

  /** The code as Kubernetes writes reasons: NO_SPACE is NoSpace. */
  get reason(): string {
    return this.code.toLowerCase().replace(/(^|_)(\w)/g, (_all, _gap, letter: string) => letter.toUpperCase());
  }

  get retryAfterMs(): number {
    return retryMs[this.retry];
  }

  get hint(): string {
    return errorCodes[this.code].hint;
  }

  /** The command may or may not have done its work: only a new look tells. */
  get outcomeUnknown(): boolean {
    return this.code === 'TIMED_OUT' || this.code === 'ABORTED';
  }

  get timedOut(): boolean {
    return this.code === 'TIMED_OUT';
  }
}

/** True for a CommandError, of one of these codes if any are given. */
export function isCommandError(error: unknown, ...codes: ErrorCode[]): error is CommandError {
  return error instanceof CommandError && (codes.length === 0 || codes.includes(error.code));
}
