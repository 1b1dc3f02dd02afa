import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleDir, requireBanner } from '../../scripts/bundle.ts';

/**
 * The operator's process as a file for as long as the work takes. Bundled, as products are: what strips types in Node
 * holds 4 MiB, for one or two minutes, and a heap measured then may grow by as much unnoticed.
 */
export async function withBundledOperator<T>(work: (program: string) => Promise<T>): Promise<T> {
  mkdirSync(bundleDir, { recursive: true });
  const dir = mkdtempSync(join(bundleDir, 'soak-'));
  try {
    const program = join(dir, 'operator-process.mjs');
    await build({
      entryPoints: [new URL('operator-process.ts', import.meta.url).pathname],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      banner: { js: requireBanner },
      logLevel: 'warning',
    });
    return await work(program);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
