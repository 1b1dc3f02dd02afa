import * as z from 'zod';
import type { DiskHealth } from '../../api/observed/index.ts';
import { parseJson } from '../parse.ts';
import type { Run, RunOptions } from '../run.ts';

const Report = z.object({
  smart_support: z.object({ available: z.boolean().optional() }).optional(),
  smart_status: z.object({ passed: z.boolean() }).optional(),
});

/**
 * Asks a disk how it judges itself; one that sleeps is not woken. The exit status is a set of bits that tell of worn
 * attributes and old errors as well, so only the report counts; a disk behind a controller that smartctl can't talk
 * through, a virtual one and one that sleeps have no verdict, which is none against them.
 * @throws CommandError `TOOL_MISSING`
 * @see smartctl(8)
 */
export async function smartctl(run: Run, path: string, options: RunOptions): Promise<DiskHealth> {
  const args = ['--json', '--info', '--health', '--nocheck=standby', '--', path];
  const { stdout } = await run('smartctl', args, { ...options, on: path });
  const { smart_support: support, smart_status: status } = parseJson('smartctl', Report, stdout);
  const verdict = status === undefined ? 'Unknown' : status.passed ? 'Passed' : 'Failed';
  return { supported: support?.available ?? status !== undefined, verdict };
}
