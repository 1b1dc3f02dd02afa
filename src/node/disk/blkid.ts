import type { Signature } from '../../api/observed/index.ts';
import type { Run, RunOptions } from '../run.ts';

export interface BlkidFinding {
  readonly signatures: readonly Signature[];
  readonly ambivalent: boolean;
  /** It could not look properly, so that finding nothing means nothing. */
  readonly error?: string;
}

/**
 * Probes a device below any cache. Exit status 2 is given for a blank device and for one that can't be read alike; only
 * without a word on stderr can it be the first, and the caller must have read the device to know.
 * @see blkid(8)
 */
export async function blkid(run: Run, device: string, options: RunOptions): Promise<BlkidFinding> {
  const output = await run('blkid', ['--probe', '--output', 'export', device], { ...options, on: device });
  const stderr = output.stderr.trim();
  if (output.exitCode === 0) return { signatures: parseBlkid(output.stdout), ambivalent: false };
  if (output.exitCode === 8) return { signatures: [], ambivalent: true };
  if (output.exitCode === 2 && stderr === '') return { signatures: [], ambivalent: false };
  return { signatures: [], ambivalent: false, error: stderr || `blkid ended with status ${output.exitCode}` };
}

export function parseBlkid(stdout: string): Signature[] {
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1];
  const uuid = value('UUID') ?? value('PTUUID');
  return ['TYPE', 'PTTYPE']
    .map(value)
    .filter((type) => type !== undefined)
    .map((type) => ({ type, ...(uuid === undefined ? {} : { uuid }) }));
}
