import type { FileSystemUsage } from '../../api/observed/index.ts';
import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import { type LookAtMounts, topmost } from './mount.ts';

/**
 * What the file system that is mounted at a place has and has left.
 * @throws CommandError `NOT_MOUNTED`, `UNEXPECTED_OUTPUT`
 * @see stat(1)
 */
export async function fileSystemUsage(
  run: Run,
  mounts: LookAtMounts,
  target: string,
  options: RunOptions,
): Promise<FileSystemUsage> {
  const command = `stat ${target}`;
  if (topmost(await mounts(), target) === undefined) refuse('NOT_MOUNTED', command);
  const output = await run('stat', ['--file-system', '--format=%S %b %f %a %c %d', '--', target], {
    ...options,
    on: target,
  });
  if (output.exitCode !== 0) throw refusal(command, output, []);
  const numbers = output.stdout.trim().split(' ').map(Number);
  const [block = NaN, blocks = NaN, free = NaN, available = NaN, inodes = NaN, freeInodes = NaN] = numbers;
  if (numbers.length !== 6 || numbers.some(Number.isNaN)) refuse('UNEXPECTED_OUTPUT', command, output.stdout);
  return {
    totalBytes: block * blocks,
    usedBytes: block * (blocks - free),
    availableBytes: block * available,
    totalInodes: inodes,
    usedInodes: inodes - freeInodes,
  };
}
