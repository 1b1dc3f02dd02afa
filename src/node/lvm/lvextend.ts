import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

const sectorBytes = 512;

/**
 * Grows a logical volume; what is in it is not touched. A size it has already, or a smaller one, is refused by lvm.
 * @throws CommandError `NO_SPACE`, `LV_NOT_FOUND`, `VG_NOT_FOUND`, `PV_MISSING`, `PV_DUPLICATE`
 * @see lvextend(8)
 */
export async function lvextend(
  lvm: Lvm,
  { group, name, sizeBytes }: { group: string; name: string; sizeBytes: number },
  options: RunOptions,
): Promise<void> {
  const size = `${Math.ceil(sizeBytes / sectorBytes) * sectorBytes}b`;
  const output = await lvm('lvextend', ['--size', size, '--', `${group}/${name}`], options);
  if (output.exitCode !== 0) throw lvmRefusal(`lvextend ${name} in ${group}`, output);
}
