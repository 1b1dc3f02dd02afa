import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';
import { tagArguments, type TagChange } from './tag-change.ts';

/** Adds and removes tags of a volume group in one command. @see vgchange(8) */
export async function vgchangeTags(lvm: Lvm, name: string, change: TagChange, options: RunOptions): Promise<void> {
  const output = await lvm('vgchange', [...tagArguments(change), '--', name], options);
  if (output.exitCode !== 0) throw lvmRefusal(`vgchange tags of ${name}`, output);
}

/**
 * Makes a group's volumes usable; those that are usable stay as they are. A move that was cut short is not taken up by a
 * process left behind.
 * @see vgchange(8)
 */
export async function vgchangeActivate(lvm: Lvm, name: string, options: RunOptions): Promise<void> {
  const output = await lvm('vgchange', ['--activate', 'y', '--poll', 'n', '--', name], options);
  if (output.exitCode !== 0) throw lvmRefusal(`vgchange --activate y ${name}`, output);
}
