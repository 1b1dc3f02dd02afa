import type { FileSystem } from '../../api/file-systems.ts';
import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import { blockDevice } from './block-device.ts';
import { type LookAtMounts, topmost } from './mount.ts';

const timeoutMs = 600_000;

/**
 * Lets a mounted file system have all of its device; one that has it already is left as it is, by the tools themselves.
 * @throws CommandError `NOT_MOUNTED`, `DEVICE_NOT_FOUND`
 * @see resize2fs(8), xfs_growfs(8)
 */
export async function growFileSystem(
  run: Run,
  mounts: LookAtMounts,
  { device, target, fsType }: { device: string; target: string; fsType: FileSystem },
  options: RunOptions,
): Promise<void> {
  const [program, subject] = fsType === 'ext4' ? ['resize2fs', device] : ['xfs_growfs', target];
  const { majorMinor } = await blockDevice(run, device, options);
  if (topmost(await mounts(), target)?.device !== majorMinor) refuse('NOT_MOUNTED', `${program} ${subject}`, target);
  const output = await run(program, [subject], { ...options, timeoutMs, on: device });
  if (output.exitCode !== 0) throw refusal(`${program} ${subject}`, output, []);
}
