/** Memory of one process, in MiB to one decimal place. */
export interface ProcessMemory {
  /** All pages that the process sees, also those of files that others have mapped as well. */
  readonly rssMiB: number;
  /** The most it ever was. */
  readonly peakRssMiB: number;
  /** Heap and stacks: what no other process could share but for a moment, while a child is being forked. */
  readonly anonymousMiB: number;
  /**
   * Pages that no other process has mapped now. The program's own file counts here as long as it runs once on the node,
   * and not when it runs twice. Left out where the kernel does not tell.
   */
  readonly privateMiB?: number;
}

/**
 * Reads what the kernel tells of a process.
 * @param status text of `/proc/PID/status`
 * @param rollup text of `/proc/PID/smaps_rollup`, empty where the kernel has none
 * @throws Error when a field is not there
 * @see proc_pid_status(5), proc_pid_smaps(5)
 */
export function parseProcessMemory(status: string, rollup: string): ProcessMemory {
  const memory = {
    rssMiB: fieldMiB(status, 'VmRSS'),
    peakRssMiB: fieldMiB(status, 'VmHWM'),
    anonymousMiB: fieldMiB(status, 'RssAnon'),
  };
  if (rollup === '') return memory;
  const privateMiB = fieldMiB(rollup, 'Private_Clean') + fieldMiB(rollup, 'Private_Dirty');
  return { ...memory, privateMiB: oneDecimal(privateMiB) };
}

/** A line such as `VmRSS:   83836 kB`, where the kernel's kB are KiB. */
function fieldMiB(text: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kibibytes === undefined) throw new Error(`the kernel did not tell ${name} of the process:\n${text}`);
  return oneDecimal(Number(kibibytes) / 1024);
}

export const oneDecimal = (value: number): number => Math.round(value * 10) / 10;
