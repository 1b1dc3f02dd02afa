import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

const sectorBytes = 512;

/**
 * Makes a linear logical volume together with its tags, zeroes its first 4 KiB and wipes signatures an earlier volume
 * left in those extents. "Yes" is for that wiping: the extents were free. lvm records the volume first, then activates
 * it, then wipes it: one that died on the way leaves all of the first and none of the last.
 * @param sizeBytes rounded up to whole extents by lvm
 * @throws CommandError `NO_SPACE`, `LV_NOT_OURS` (name taken), `VG_NOT_FOUND`, `PV_MISSING`, `PV_DUPLICATE`
 * @see lvcreate(8)
 */
export async function lvcreate(
  lvm: Lvm,
  { group, name, sizeBytes, tags }: { group: string; name: string; sizeBytes: number; tags: readonly string[] },
  options: RunOptions,
): Promise<void> {
  const size = `${Math.ceil(sizeBytes / sectorBytes) * sectorBytes}b`;
  const wipe = ['--yes', '--wipesignatures', 'y', '--zero', 'y'];
  const tagged = tags.flatMap((tag) => ['--addtag', tag]);
  const output = await lvm('lvcreate', [...wipe, '--name', name, '--size', size, ...tagged, '--', group], options);
  if (output.exitCode !== 0) throw lvmRefusal(`lvcreate ${name} in ${group}`, output);
}
