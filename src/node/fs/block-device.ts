import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';

/**
 * Number and size of a block device.
 * @throws CommandError `DEVICE_NOT_FOUND`
 * @see lsblk(8)
 */
export async function blockDevice(
  run: Run,
  path: string,
  options: RunOptions,
): Promise<{ majorMinor: string; sizeBytes: number }> {
  const command = `lsblk ${path}`;
  const columns = ['--nodeps', '--noheadings', '--bytes', '--raw', '--output', 'MAJ:MIN,SIZE'];
  const output = await run('lsblk', [...columns, '--', path], { ...options, on: path });
  if (output.exitCode !== 0) throw refusal(command, output, [[/not a block device|No such/i, 'DEVICE_NOT_FOUND']]);
  const [, majorMinor, size] = /^\s*(\d+:\d+)\s+(\d+)\s*$/.exec(output.stdout) ?? [];
  if (majorMinor === undefined) refuse('UNEXPECTED_OUTPUT', command, output.stdout);
  return { majorMinor, sizeBytes: Number(size) };
}
