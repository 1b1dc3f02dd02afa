import type { Run, RunOptions } from '../run.ts';

const mib = 1024 ** 2;

/** What reading the first and last MiB of a device gave. */
export interface Edges {
  readonly readable: boolean;
  readonly error?: string;
  readonly zero: boolean;
}

/**
 * Reads both ends of a device past all caches, since a prober tells an unreadable device from a blank one by nothing.
 * @param sizeBytes of the device
 */
export async function readEdges(run: Run, device: string, sizeBytes: number, options: RunOptions): Promise<Edges> {
  const on = { ...options, on: device };
  const places = sizeBytes <= mib ? [0] : [0, sizeBytes - mib];
  for (const place of places) {
    const from = [`if=${device}`, `bs=${mib}`, 'count=1', `skip=${place}`, 'iflag=direct,skip_bytes'];
    const read = await run('dd', [...from, 'of=/dev/null', 'status=none'], on);
    if (read.exitCode !== 0) return { readable: false, error: read.stderr.trim() || 'read failed', zero: false };
  }
  for (const place of places) {
    const bytes = String(Math.min(mib, sizeBytes));
    const compared = await run('cmp', ['--bytes', bytes, '--ignore-initial', `${place}:0`, device, '/dev/zero'], on);
    if (compared.exitCode > 1) return { readable: false, error: compared.stderr.trim() || 'read failed', zero: false };
    if (compared.exitCode === 1) return { readable: true, zero: false };
  }
  return { readable: true, zero: true };
}
