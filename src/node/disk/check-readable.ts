import { refuse } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import { readEdges } from './edges.ts';
import { lsblkOne } from './lsblk.ts';

/** Reads both ends of a device, whoever uses it. @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_UNREADABLE` */
export async function checkReadable(run: Run, device: string, command: string, options: RunOptions): Promise<void> {
  const { size } = await lsblkOne(run, device, command, options);
  const { readable, error } = await readEdges(run, device, size, options);
  if (!readable) refuse('DEVICE_UNREADABLE', command, error);
}
