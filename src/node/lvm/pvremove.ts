import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * Wipes lvm's label off a device whose physical volume belongs to no group; what volumes left on it stays. Never forced:
 * lvm refuses one that a group has.
 * @throws CommandError `SIGNATURE_FOUND` (a group has it), `PV_NOT_FOUND`, `DEVICE_IN_USE`
 * @see pvremove(8)
 */
export async function pvremove(lvm: Lvm, device: string, options: RunOptions): Promise<void> {
  const output = await lvm('pvremove', ['--', device], { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`pvremove ${device}`, output);
}
