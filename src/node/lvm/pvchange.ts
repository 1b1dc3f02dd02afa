import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/** Lets lvm put volumes on a physical volume from now on, or no more; what stands there stays. @see pvchange(8) */
export async function pvchangeAllocatable(
  lvm: Lvm,
  device: string,
  allocatable: boolean,
  options: RunOptions,
): Promise<void> {
  const output = await lvm('pvchange', ['--allocatable', allocatable ? 'y' : 'n', '--', device], options);
  if (output.exitCode !== 0) throw lvmRefusal(`pvchange --allocatable of ${device}`, output);
}
