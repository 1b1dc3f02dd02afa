import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';
import { type ChosenVolume, selection } from './selection.ts';
import { tagArguments, type TagChange } from './tag-change.ts';

/**
 * Adds and removes tags of the logical volume that has this UUID, name and tags, in one command. Ends well when none is,
 * so look again afterwards.
 * @see lvchange(8)
 */
export const lvchangeTags = (lvm: Lvm, chosen: ChosenVolume, change: TagChange, options: RunOptions): Promise<void> =>
  lvchange(lvm, chosen, tagArguments(change), options);

/** Makes the logical volume that has this UUID, name and tags usable; look again afterwards. @see lvchange(8) */
export const lvchangeActivate = (lvm: Lvm, chosen: ChosenVolume, options: RunOptions): Promise<void> =>
  lvchange(lvm, chosen, ['--activate', 'y', '--poll', 'n'], options);

/** Takes the logical volume out of the kernel. @throws CommandError `DEVICE_IN_USE` @see lvchange(8) */
export const lvchangeDeactivate = (lvm: Lvm, chosen: ChosenVolume, options: RunOptions): Promise<void> =>
  lvchange(lvm, chosen, ['--activate', 'n'], options);

/** Loads the table of an active logical volume anew, whoever uses it. @see lvchange(8) */
export const lvchangeRefresh = (lvm: Lvm, chosen: ChosenVolume, options: RunOptions): Promise<void> =>
  lvchange(lvm, chosen, ['--refresh'], options);

async function lvchange(lvm: Lvm, chosen: ChosenVolume, change: readonly string[], options: RunOptions): Promise<void> {
  const output = await lvm('lvchange', [...change, '--select', selection(chosen), '--', chosen.group], options);
  if (output.exitCode !== 0) throw lvmRefusal(`lvchange of ${chosen.name} in ${chosen.group}`, output);
}
