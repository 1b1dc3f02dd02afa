import { isCommandError } from '../errors.ts';
import { pause } from '../pause.ts';
import type { CommandOutput, Run, RunOptions } from '../run.ts';
import { refusal, type RefusalTable, refuse } from '../refuse.ts';

/** Runs one lvm command with the settings all of them share. */
export type Lvm = (command: string, args: readonly string[], options: RunOptions) => Promise<CommandOutput>;

/** Devices of DRBD are other nodes' disks: a physical volume inside one belongs to whoever uses it. */
const rejectDrbd = '"r|^/dev/drbd.*|"';
const takeAll = '"a|.*|"';

/**
 * The commands that put devices into groups. They have to tell the hosts' other lvm commands that the hints file is out of
 * date, and with `hints="none"` they don't: a plain `vgs` would not see a new group, and would take a new disk of an old
 * one for missing. They look at every device anyway.
 */
const outdatesHints = new Set(['vgcreate', 'vgextend']);

/** Those that change nothing. */
const reports = new Set(['vgs', 'pvs', 'lvs']);

/** How long a report waits for whoever changes a group: lvm's own commands take a second or two. */
const patienceMs = 5_000;
/** After that it reads without the lock, and so do those that follow for a while. */
const pastLocksMs = 30_000;
/** A change that finds the group locked is tried again after these. */
const lockPausesMs = [200, 400, 800, 1_600, 3_200];

/**
 * Lets lvm look at every device each time, since its hints file may hide a second device with a known label: lvm would
 * change a group whose disk has a copy. Puts DRBD's devices out of lvm's sight, on top of the filter the host has. lvm
 * accepts a device as soon as one of its names is accepted, so lvm's default "accept all" must not follow.
 *
 * Nobody may hold up the whole node. lvm waits without limit for the lock of one group, also to list all of them: so a
 * report reads past a lock that is kept, and a change is refused as `BUSY`. And it reads every device, so one that is
 * suspended is left out: what stands on it counts as missing until it is resumed.
 */
export function lvm(run: Run): Lvm {
  let filter: string | undefined;
  let pastLocksUntilMs = 0;

  const read: Lvm = async (command, args, options) => {
    if (performance.now() >= pastLocksUntilMs) {
      try {
        return await run(command, args, { ...options, timeoutMs: patienceMs });
      } catch (error) {
        if (!isCommandError(error, 'TIMED_OUT')) throw error;
        pastLocksUntilMs = performance.now() + pastLocksMs;
      }
    }
    return run(command, ['--nolocking', ...args], options);
  };

  const change: Lvm = async (command, args, options) => {
    for (const pauseMs of lockPausesMs) {
      const output = await run(command, args, options);
      if (output.exitCode === 0 || !isLocked(output)) return output;
      await pause(pauseMs, command, options.signal);
    }
    return run(command, args, options);
  };

  return async (command, args, options) => {
    filter ??= withoutDrbd(await configuredFilter(run, options));
    const hints = outdatesHints.has(command) ? '' : 'hints="none" ';
    const devices = `devices{${hints}ignore_suspended_devices=1 filter=[${filter}]}`;
    if (reports.has(command)) return read(command, ['-qq', '--config', devices, ...args], options);
    return change(command, ['-qq', '--config', `global{wait_for_locks=0} ${devices}`, ...args], options);
  };
}

/** What the host's configuration lets lvm see. A guess would show lvm more than that, so there is none. */
async function configuredFilter(run: Run, options: RunOptions): Promise<string> {
  const command = 'lvmconfig devices/filter';
  // Without any setting of its own it fails on a host that has no lvm.conf at all.
  const output = await run('lvmconfig', ['--config', 'devices{}', '--type', 'full', 'devices/filter'], {
    ...options,
    on: command,
  });
  if (output.exitCode !== 0) throw lvmRefusal(command, output);
  return /^filter=\[(.*)\]$/m.exec(output.stdout.trim())?.[1] ?? refuse('UNEXPECTED_OUTPUT', command, output.stdout);
}

const withoutDrbd = (present: string): string => (present === takeAll ? rejectDrbd : `${rejectDrbd},${present}`);

const locked = /Can't get lock|waiting for lock/i;
const isLocked = ({ stderr }: CommandOutput): boolean => locked.test(stderr);

/** lvm 2.03 ends with 5 for nearly everything, so its words tell; they are the same in all versions of the series. */
const lvmRefusals: RefusalTable = [
  [locked, 'BUSY'],
  [/Multiple VGs found with the same name/i, 'VG_AMBIGUOUS'],
  [/duplicate PV/i, 'PV_DUPLICATE'],
  [/while PVs are missing|missing PVs/i, 'PV_MISSING'],
  [/Volume group .* not found|Cannot process volume group/i, 'VG_NOT_FOUND'],
  [/Failed to find logical volume/i, 'LV_NOT_FOUND'],
  [/volume group called .* already exists|New volume group name .* is invalid.*exists/i, 'VG_EXISTS'],
  [/Logical Volume .* already exists/i, 'LV_NOT_OURS'],
  [/insufficient free space|insufficient suitable|Insufficient free/i, 'NO_SPACE'],
  [/Aborted wiping|signature detected|is partitioned|is an md component|existing signature/i, 'SIGNATURE_FOUND'],
  [/already in volume group|is used by VG|is used by a VG/i, 'SIGNATURE_FOUND'],
  [/filesystem in use|in use|is used by another device|Can't open .* exclusively|resource busy/i, 'DEVICE_IN_USE'],
  [/No device found for|not found \(or ignored by filtering\)|Device .* not found/i, 'DEVICE_NOT_FOUND'],
  [/excluded by a filter|Cannot use .*: device/i, 'DEVICE_IN_USE'],
  [/Input\/output error/i, 'DEVICE_UNREADABLE'],
  [
    /(is a reserved|reserved (for internal use|names?|string)|name .* is invalid|Invalid.*name|new name too long)/i,
    'BAD_NAME',
  ],
  [/not a multiple of 512|Invalid argument for --size|size may not be/i, 'BAD_SIZE'],
  [/tag .*(invalid|contains)|Tag must/i, 'BAD_TAG'],
];

export const lvmRefusal = (command: string, output: CommandOutput) => refusal(command, output, lvmRefusals);
