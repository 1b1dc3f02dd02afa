import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads and builds are kept: outside the repository, shared by every checkout of this user. */
export function cacheDir(...parts: readonly string[]): string {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hwameistor', ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
