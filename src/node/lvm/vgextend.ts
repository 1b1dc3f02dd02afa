import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * Adds a device to a volume group, as careful as `vgcreate`.
 * @throws CommandError `SIGNATURE_FOUND`, `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE`, `PV_MISSING`,
 *   `PV_DUPLICATE`, `VG_NOT_FOUND`
 * @see vgextend(8)
 */
export async function vgextend(
  lvm: Lvm,
  { name, device }: { name: string; device: string },
  options: RunOptions,
): Promise<void> {
  const output = await lvm('vgextend', ['--', name, device], { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`vgextend ${name} with ${device}`, output);
}
