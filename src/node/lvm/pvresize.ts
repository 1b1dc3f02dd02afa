import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * Lets a physical volume have all of its device, which grew. Ends well where there is nothing to gain. One whose device
 * shrank below its extents in use is refused by lvm.
 * @throws CommandError `DEVICE_NOT_FOUND`, `PV_DUPLICATE`, `PV_MISSING`
 * @see pvresize(8)
 */
export async function pvresize(lvm: Lvm, device: string, options: RunOptions): Promise<void> {
  const output = await lvm('pvresize', ['--', device], { ...options, on: device });
  if (output.exitCode !== 0) throw lvmRefusal(`pvresize ${device}`, output);
}
