import { isCommandError } from '../errors.ts';
import type { CommandOutput, Run, RunOptions } from '../run.ts';
import { refusal, type RefusalTable, refuse } from '../refuse.ts';

/** Runs one lvm command with the settings all of them share. */
export type Lvm = (command: string, args: readonly string[], options: RunOptions) => Promise<CommandOutput>;

/** Devices of DRBD are other nodes' disks: a physical volume inside one belongs to whoever uses it. */
const rejectDrbd = '"r|^/dev/drbd.*|"';
const takeAll = '"a|.*|"';

/**
 * The commands that put devices into groups or take them out. They have to tell the hosts' other lvm commands that the hints file is out of
 * date, and with `hints="none"` they don't: a plain `vgs` would not see a new group, and would take a new disk of an old
 * one for missing. They look at every device anyway.
 */
const outdatesHints = new Set(['vgcreate', 'vgextend', 'vgreduce', 'pvremove']);

/**
 * A move ends with the command that runs it, or stays as it is when that is killed: the daemon that some hosts have for
 * it would go on alone, and nobody could tell who does what.
 */
const withoutDaemon: Readonly<Record<string, string>> = { pvmove: ' global{use_lvmpolld=0}' };

/** Those that change nothing. Each takes the locks of all groups, and the one of whoever puts disks into groups. */
const reports = new Set(['vgs', 'pvs', 'lvs']);
/** How long a report waits for such a lock: most commands of lvm are through in a second or two. */
const patienceMs = 10_000;

/**
 * Lets lvm look at every device each time, since its hints file may hide a second device with a known label: lvm would
 * change a group whose disk has a copy. Puts DRBD's devices out of lvm's sight, on top of the filter the host has. lvm
 * accepts a device as soon as one of its names is accepted, so lvm's default "accept all" must not follow. Leaves out
 * devices that are suspended, since lvm would wait for them while it has the locks: what stands on one counts as missing
 * until it is resumed.
 */
export function lvm(run: Run): Lvm {
  let filter: string | undefined;
  return async (command, args, options) => {
    filter ??= withoutDrbd(await configuredFilter(run, options));
    const hints = outdatesHints.has(command) ? '' : 'hints="none" ';
    const devices = `devices{${hints}ignore_suspended_devices=1 filter=[${filter}]}`;
    const ask: Ask = (setting, limit) =>
      run(command, ['-qq', '--config', `${devices}${setting}`, ...args], { ...options, ...limit });
    return reports.has(command) ? askPatiently(ask) : ask(withoutDaemon[command] ?? '');
  };
}

/** Runs the command with a further setting. */
type Ask = (setting: string, limit?: { timeoutMs: number }) => Promise<CommandOutput>;

/**
 * lvm waits without limit for the lock of any group before it lists the others. Reading past a lock could show a group
 * that is half written as one that is gone, so a lock that somebody keeps is told instead. Whether there is one lvm says
 * at once, however slow the host is; only then does a clock run.
 * @returns what lvm said of the lock, when it is not free in time
 */
async function askPatiently(ask: Ask): Promise<CommandOutput> {
  const atOnce = await ask(' global{wait_for_locks=0}');
  if (atOnce.exitCode === 0 || !locked.test(atOnce.stderr)) return atOnce;
  try {
    return await ask('', { timeoutMs: patienceMs });
  } catch (error) {
    if (isCommandError(error, 'TIMED_OUT')) return atOnce;
    throw error;
  }
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

const locked = /Can't get lock|waiting for lock|flock failed/i;

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
  [/locked logical volume|locked LV/i, 'LV_MOVING'],
  [/device-mapper target\(s\) not detected/i, 'KERNEL_TARGET_MISSING'],
  [/insufficient free space|insufficient suitable|Insufficient free/i, 'NO_SPACE'],
  [/Aborted wiping|signature detected|is partitioned|is an md component|existing signature/i, 'SIGNATURE_FOUND'],
  [/already in volume group|is used by VG|is used by a VG/i, 'SIGNATURE_FOUND'],
  [/Physical volume .* still in use/i, 'PV_IN_USE'],
  [/filesystem in use|in use|is used by another device|Can't open .* exclusively|resource busy/i, 'DEVICE_IN_USE'],
  [/Failed to find physical volume|No PV found on device/i, 'PV_NOT_FOUND'],
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
