import type { RunOptions } from '../run.ts';
import { type Lvm, lvmRefusal } from './lvm.ts';

/**
 * For as much as is moved by one command. One that is killed loses nothing: the kernel goes on copying, both copies are
 * written, and another command ends the move or takes it back.
 */
const timeoutMs = 900_000;
/** How often lvm looks whether all is copied, in seconds; left out it is 15. */
const interval = ['--interval', '1'];

/**
 * Moves extents of one logical volume to another disk while it is in use. Where a move off that disk is under way already,
 * lvm ends that one and nothing else, so look afterwards. The group is locked at the beginning and at the end alone.
 * @throws CommandError `NO_SPACE`, `KERNEL_TARGET_MISSING`, `PV_MISSING`, `PV_DUPLICATE`, `PV_NOT_FOUND`; `TIMED_OUT` and
 *   `ABORTED` leave the move under way
 * @see pvmove(8)
 */
export async function pvmove(
  lvm: Lvm,
  move: { volume: string; from: string; first: number; count: number; to: string },
  options: RunOptions,
): Promise<void> {
  const { volume, from, first, count, to } = move;
  const range = `${from}:${first}-${first + count - 1}`;
  const output = await lvm('pvmove', [...interval, '--name', volume, '--', range, to], { ...options, timeoutMs });
  if (output.exitCode !== 0) throw lvmRefusal(`pvmove of ${volume} from ${range} to ${to}`, output);
}

/** Ends a move off that disk that was cut short. Without an active group it does nothing and says that all is well. */
export async function pvmoveFinish(lvm: Lvm, from: string, options: RunOptions): Promise<void> {
  const output = await lvm('pvmove', [...interval, '--', from], { ...options, timeoutMs });
  if (output.exitCode !== 0) throw lvmRefusal(`pvmove of what was begun on ${from}`, output);
}

/** Takes a move off that disk back, as `pvmoveFinish` ends it: everything is where it was before. */
export async function pvmoveAbort(lvm: Lvm, from: string, options: RunOptions): Promise<void> {
  const output = await lvm('pvmove', [...interval, '--abort', '--', from], { ...options, timeoutMs });
  if (output.exitCode !== 0) throw lvmRefusal(`pvmove --abort of ${from}`, output);
}
