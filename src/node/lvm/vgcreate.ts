import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';
import { metadataArea } from './metadata-area.ts';

/**
 * Makes a volume group on one device. Never told "yes": a signature lvm finds makes it stop, as does a device somebody
 * has open. A device that carries the label of an interrupted earlier try is taken.
 * @param sizeBytes of the device
 * @throws CommandError `SIGNATURE_FOUND`, `DEVICE_IN_USE`, `VG_EXISTS`, `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE`
 * @see vgcreate(8)
 */
export async function vgcreate(
  lvm: Lvm,
  { name, device, sizeBytes, tags }: { name: string; device: string; sizeBytes: number; tags: readonly string[] },
  options: RunOptions,
): Promise<void> {
  const args = [...metadataArea(sizeBytes), ...tags.flatMap((tag) => ['--addtag', tag]), '--', name, device];
  const output = await lvm('vgcreate', args, { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`vgcreate ${name} on ${device}`, output);
}
