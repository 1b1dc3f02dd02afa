import type { FileSystem } from '../../api/file-systems.ts';
import { lsblkOne } from '../disk/lsblk.ts';
import { probeSignatures } from '../disk/signatures.ts';
import { unwritable, userOf } from '../disk/users.ts';
import { refuse, refusal } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';

/** A large volume on a slow disk takes its time. */
const timeoutMs = 600_000;

/** No blocks for root, whose pods these are not; nothing is discarded, since what the extents held was never theirs. */
const flagsOf: Record<FileSystem, { plain: readonly string[]; over: string }> = {
  ext4: { plain: ['-q', '-m', '0', '-E', 'nodiscard'], over: '-F' },
  xfs: { plain: ['-q', '-K'], over: '-f' },
};

export interface Format {
  readonly device: string;
  readonly fsType: FileSystem;
  /** One of this kind that was begun, and that nobody was ever handed, may be made anew. */
  readonly remake?: boolean;
}

/**
 * Makes a file system where nothing is. The device is read, probed and asked for users in the same step; the tools are
 * kept from overwriting what they find by themselves, too.
 * @throws CommandError `SIGNATURE_FOUND`, `DEVICE_UNREADABLE`, `DEVICE_IN_USE`, `DEVICE_NOT_FOUND`
 * @see mkfs.ext4(8), mkfs.xfs(8)
 */
export async function mkfs(run: Run, { device, fsType, remake = false }: Format, options: RunOptions): Promise<void> {
  const command = `mkfs.${fsType} ${device}`;
  const node = await lsblkOne(run, device, command, options);
  const obstacle = unwritable(node) ?? userOf(node);
  if (obstacle !== undefined) refuse('DEVICE_IN_USE', command, `it is ${obstacle}`);
  const found = await probeSignatures(run, device, node.size, options);
  if (!found.readable) refuse('DEVICE_UNREADABLE', command, found.readError);
  const foreign = found.signatures.filter(({ type }) => !(remake && type === fsType));
  if (found.ambivalent || foreign.length > 0)
    refuse('SIGNATURE_FOUND', command, foreign.map(({ type }) => type).join(', ') || 'several that exclude each other');
  const { plain, over } = flagsOf[fsType];
  const args = [...plain, ...(found.blank ? [] : [over]), device];
  const output = await run(`mkfs.${fsType}`, args, { ...options, timeoutMs, on: device });
  if (output.exitCode !== 0) throw refusal(command, output, [[/apparently in use|is mounted|busy/i, 'DEVICE_IN_USE']]);
}
