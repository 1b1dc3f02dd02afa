import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';
import { type ChosenVolume, selection } from './selection.ts';

/**
 * Removes the logical volume that has this UUID, this name and all these tags, if there is one. Ends well when none is,
 * so look again afterwards.
 * @throws CommandError `DEVICE_IN_USE`, `VG_NOT_FOUND`
 * @see lvremove(8)
 */
export async function lvremove(
  lvm: Lvm,
  chosen: ChosenVolume & { readonly tags: readonly [string, ...string[]] },
  options: RunOptions,
): Promise<void> {
  const output = await lvm('lvremove', ['--yes', '--select', selection(chosen), '--', chosen.group], options);
  if (output.exitCode !== 0) throw lvmRefusal(`lvremove ${chosen.name} in ${chosen.group}`, output);
}
