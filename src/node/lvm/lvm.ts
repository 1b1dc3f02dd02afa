import type { CommandOutput, Run, RunOptions } from '../run.ts';
import { refusal, type RefusalTable } from '../refuse.ts';

/** Runs one lvm command with the settings all of them share. */
export type Lvm = (command: string, args: readonly string[], options: RunOptions) => Promise<CommandOutput>;

/** Devices of DRBD are other nodes' disks: a physical volume inside one belongs to whoever uses it. */
const rejectDrbd = '"r|^/dev/drbd.*|"';
const takeAll = '"a|.*|"';

/**
 * Lets lvm look at every device each time, since its hints file may hide a second device with a known label, and puts
 * DRBD's devices out of lvm's sight, on top of the filter the host has. lvm accepts a device as soon as one of its
 * names is accepted, so lvm's default "accept all" must not follow.
 */
export function lvm(run: Run): Lvm {
  let config: string | undefined;
  return async (command, args, options) => {
    config ??= withoutDrbd(await run('lvmconfig', ['--type', 'full', 'devices/filter'], options));
    return run(command, ['-qq', '--config', config, ...args], options);
  };
}

function withoutDrbd({ stdout }: CommandOutput): string {
  const present = /^filter=\[(.*)\]$/m.exec(stdout.trim())?.[1] ?? takeAll;
  const filter = present === takeAll ? rejectDrbd : `${rejectDrbd},${present}`;
  return `devices{hints="none" filter=[${filter}]}`;
}

/** lvm 2.03 ends with 5 for nearly everything, so its words tell; they are the same in all versions of the series. */
const lvmRefusals: RefusalTable = [
  [/Can't get lock|waiting for lock/i, 'BUSY'],
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
