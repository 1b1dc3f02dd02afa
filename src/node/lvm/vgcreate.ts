import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * Makes a volume group on one device. Never told "yes": a signature lvm finds makes it stop, as does a device somebody
 * has open. A device that carries the label of an interrupted earlier try is taken.
 * @throws CommandError `SIGNATURE_FOUND`, `DEVICE_IN_USE`, `VG_EXISTS`, `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE`
 * @see vgcreate(8)
 */
export async function vgcreate(
  lvm: Lvm,
  { name, device, tags }: { name: string; device: string; tags: readonly string[] },
  options: RunOptions,
): Promise<void> {
  const args = [...tags.flatMap((tag) => ['--addtag', tag]), '--', name, device];
  const output = await lvm('vgcreate', args, { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`vgcreate ${name} on ${device}`, output);
}
