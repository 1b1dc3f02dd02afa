import * as z from 'zod';
import type { Signature } from '../../api/observed/index.ts';
import { parseJson } from '../parse.ts';
import type { Run, RunOptions } from '../run.ts';

const Report = z.object({
  signatures: z.array(
    z.object({
      offset: z.string().regex(/^0x[\da-f]+$/),
      type: z.string(),
      uuid: z.string().nullable(),
    }),
  ),
});

export interface WipefsFinding {
  readonly signatures: readonly Signature[];
  readonly error?: string;
}

/** Lists every signature with its place; changes nothing. A device whose reads fail has none, too. @see wipefs(8) */
export async function wipefsList(run: Run, device: string, options: RunOptions): Promise<WipefsFinding> {
  const output = await run('wipefs', ['--json', '--', device], { ...options, on: device });
  const stderr = output.stderr.trim();
  if (output.exitCode !== 0 || stderr !== '')
    return { signatures: [], error: stderr || `wipefs ended with status ${output.exitCode}` };
  // Older versions print nothing at all when there is nothing.
  if (output.stdout.trim() === '') return { signatures: [] };
  return {
    signatures: parseJson('wipefs', Report, output.stdout).signatures.map(({ offset, type, uuid }) => ({
      type,
      offsetBytes: Number(offset),
      ...(uuid === null ? {} : { uuid }),
    })),
  };
}
