import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir } from '../../../scripts/setup/cache-dir.ts';

/** The two small C programs that the lab needs beside User-Mode Linux, built once into the cache. */
export interface UmlTools {
  /** Loaded into every UML process; see preload.c. */
  readonly preload: string;
  /** Speaks to a node's management console; see mconsole.c. */
  readonly mconsole: string;
}

const sourceFolder = new URL('.', import.meta.url).pathname;

/** @throws Error when the compiler is missing or fails; its message is in it */
export async function ensureUmlTools(): Promise<UmlTools> {
  const sources = ['preload.c', 'mconsole.c'].map((name) => readFileSync(join(sourceFolder, name)));
  const key = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const folder = join(cacheDir(), `uml-tools-${key}`);
  if (!existsSync(folder)) {
    const fresh = `${folder}.${process.pid}`;
    mkdirSync(fresh);
    try {
      const warnings = ['-Wall', '-Wextra'];
      await execa('gcc', [
        '-O2',
        ...warnings,
        '-fPIC',
        '-shared',
        '-o',
        join(fresh, 'preload.so'),
        join(sourceFolder, 'preload.c'),
      ]);
      await execa('gcc', ['-O2', ...warnings, '-o', join(fresh, 'mconsole'), join(sourceFolder, 'mconsole.c')]);
      // Two runs at once build the same; the second finds the first one's folder and drops its own.
      if (!existsSync(folder)) renameSync(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return { preload: join(folder, 'preload.so'), mconsole: join(folder, 'mconsole') };
}
