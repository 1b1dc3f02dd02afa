// One file a role in build/, with V8's compile cache beside it, as the image will carry them.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;

/** Where the bundles and their compile cache stand. */
export const bundleDir = join(root, 'build');

/** CommonJS dependencies call `require`, which an ES module has to bring along itself. */
export const requireBanner =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Bundles every role of `src/main/` to `build/<role>.mjs` and fills the compile cache by starting each role once with
 * `--help`, which loads everything and does nothing.
 */
export async function bundle(): Promise<void> {
  const roles = (await readdir(join(root, 'src/main'))).filter((file) => /^[a-z]+\.ts$/.test(file));
  await build({
    entryPoints: roles.map((file) => join(root, 'src/main', file)),
    outdir: bundleDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    legalComments: 'linked',
    banner: { js: requireBanner },
    logLevel: 'warning',
  });
  for (const file of roles) {
    await promisify(execFile)(process.execPath, [join(bundleDir, file.replace('.ts', '.mjs')), '--help'], {
      env: { ...process.env, NODE_COMPILE_CACHE: join(bundleDir, 'cache'), NODE_COMPILE_CACHE_PORTABLE: '1' },
    });
  }
}

if (import.meta.main) await bundle();
