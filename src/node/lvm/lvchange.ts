import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';
import { tagArguments, type TagChange } from './tag-change.ts';

/** Adds and removes tags of a logical volume in one command. @see lvchange(8) */
export async function lvchangeTags(
  lvm: Lvm,
  { group, name }: { group: string; name: string },
  change: TagChange,
  options: RunOptions,
): Promise<void> {
  const output = await lvm('lvchange', [...tagArguments(change), '--', `${group}/${name}`], options);
  if (output.exitCode !== 0) throw lvmRefusal(`lvchange tags of ${name} in ${group}`, output);
}
