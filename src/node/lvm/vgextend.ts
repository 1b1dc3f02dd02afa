import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';
import { metadataArea } from './metadata-area.ts';

/**
 * Adds a device to a volume group, as careful as `vgcreate`.
 * @param sizeBytes of the device
 * @throws CommandError `SIGNATURE_FOUND`, `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE`, `PV_MISSING`,
 *   `PV_DUPLICATE`, `VG_NOT_FOUND`
 * @see vgextend(8)
 */
export async function vgextend(
  lvm: Lvm,
  { name, device, sizeBytes }: { name: string; device: string; sizeBytes: number },
  options: RunOptions,
): Promise<void> {
  const args = [...metadataArea(sizeBytes), '--', name, device];
  const output = await lvm('vgextend', args, { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`vgextend ${name} with ${device}`, output);
}

/**
 * Takes a disk back that the group counts as missing: nothing on it is changed but LVM's own metadata. Fails when the
 * disk is not there, or not missing.
 * @throws CommandError `DEVICE_NOT_FOUND`, `PV_DUPLICATE`, `VG_NOT_FOUND`
 * @see vgextend(8)
 */
export async function vgextendRestoreMissing(
  lvm: Lvm,
  { name, device }: { name: string; device: string },
  options: RunOptions,
): Promise<void> {
  const output = await lvm('vgextend', ['--restoremissing', '--', name, device], { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`vgextend --restoremissing ${name} with ${device}`, output);
}
