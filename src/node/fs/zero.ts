import { lsblkOne } from '../disk/lsblk.ts';
import { unwritable, userOf } from '../disk/users.ts';
import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';

/** Small enough that each ends well within a command's time on a slow disk, and that progress is seen. */
const pieceBytes = 256 * 1024 ** 2;

/**
 * Overwrites a device with zeros, piece by piece; where it can, the device does that itself.
 * @throws CommandError `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`
 * @see blkdiscard(8)
 */
export async function zeroDevice(
  run: Run,
  { device, onProgress }: { device: string; onProgress: (doneBytes: number, ofBytes: number) => void },
  options: RunOptions,
): Promise<void> {
  const command = `blkdiscard --zeroout ${device}`;
  const node = await lsblkOne(run, device, command, options);
  const obstacle = unwritable(node) ?? userOf(node);
  if (obstacle !== undefined) refuse('DEVICE_IN_USE', command, `it is ${obstacle}`);
  for (let done = 0; done < node.size;) {
    const piece = Math.min(pieceBytes, node.size - done);
    const place = ['--offset', String(done), '--length', String(piece)];
    const output = await run('blkdiscard', ['--zeroout', ...place, device], { ...options, on: device });
    if (output.exitCode !== 0) throw refusal(command, output, [[/busy/i, 'DEVICE_IN_USE']]);
    done += piece;
    onProgress(done, node.size);
  }
}
