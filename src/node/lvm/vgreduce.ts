import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * Takes an empty physical volume out of its group. Never told to remove what is missing, nor to force: lvm refuses one
 * that something stands on, and the last one of a group.
 * @throws CommandError `PV_IN_USE`, `PV_NOT_FOUND`, `VG_NOT_FOUND`, `PV_MISSING`, `PV_DUPLICATE`
 * @see vgreduce(8)
 */
export async function vgreduce(
  lvm: Lvm,
  { name, device }: { name: string; device: string },
  options: RunOptions,
): Promise<void> {
  const output = await lvm('vgreduce', ['--', name, device], options);
  if (output.exitCode !== 0) throw lvmRefusal(`vgreduce ${name} by ${device}`, output);
}
