import * as z from 'zod';
import { parseJson } from '../parse.ts';
import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/** What is listed, by which command, and lvm's word for a row. Of `pvs`, also devices that are no physical volumes. */
const listings = {
  vgs: { command: 'vgs', flags: [], row: 'vg' },
  pvs: { command: 'pvs', flags: ['-a'], row: 'pv' },
  lvs: { command: 'lvs', flags: [], row: 'lv' },
  segments: { command: 'pvs', flags: ['--segments'], row: 'pvseg' },
} as const;

/**
 * Asks `vgs`, `pvs` or `lvs` for all they know, in bytes. A named subject that is absent would be a failure that still
 * prints a report, so all are listed and the caller picks. A report that hangs hangs for everyone, so no other of its kind
 * is started then.
 * @see lvmreport(7)
 */
export async function report<T>(
  lvm: Lvm,
  what: keyof typeof listings,
  row: z.ZodType<T>,
  fields: readonly string[],
  options: RunOptions,
): Promise<T[]> {
  const { command, flags, row: name } = listings[what];
  const args = [...flags, '--reportformat', 'json', '--units', 'b', '--nosuffix', '-o', fields.join(',')];
  const output = await lvm(command, args, { ...options, on: command });
  if (output.exitCode !== 0) throw lvmRefusal(command, output);
  const shape = z.object({ report: z.tuple([z.object({ [name]: z.array(row) })]) });
  return parseJson(command, shape, output.stdout).report[0][name] ?? [];
}

/** A report's boolean is a word or nothing; `unknown` of what the kernel doesn't run, such as whether it is open there. */
export const Flag = z.string().transform((word) => word !== '' && word !== 'unknown');

export const Tags = z.string().transform((tags) => (tags === '' ? [] : tags.split(',').sort()));

export const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
