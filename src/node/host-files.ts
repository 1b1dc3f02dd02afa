import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from './errors.ts';

/** Small files of the host, and those by which its kernel tells its state. A process for each would cost far more. */
export interface HostFiles {
  /** @returns undefined when there is no such file. @throws CommandError `FAILED` */
  readonly read: (path: string) => Promise<string | undefined>;
  /**
   * The text of every file below a folder whose name ends so, by its path; none when there is no such folder.
   * @throws CommandError `FAILED`
   */
  readonly readAll: (folder: string, suffix: string) => Promise<ReadonlyMap<string, string>>;
}

/** @param root of the host's files as this process sees them, e.g. `/proc/1/root`; its own when left out */
export function hostFiles(root = ''): HostFiles {
  const read = (path: string): Promise<string | undefined> =>
    ifThere(`read ${path}`, () => readFile(`${root}${path}`, 'utf8'));
  return {
    read,
    readAll: async (folder, suffix) => {
      const look = () => readdir(`${root}${folder}`, { recursive: true, withFileTypes: true });
      const entries = (await ifThere(`list ${folder}`, look)) ?? [];
      const paths = entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
        .map(({ parentPath, name }) => join(parentPath, name).slice(root.length));
      const texts = await Promise.all(paths.map(async (path) => [path, await read(path)] as const));
      return new Map(texts.filter((found): found is readonly [string, string] => found[1] !== undefined));
    },
  };
}

async function ifThere<T>(command: string, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CommandError({ code: 'FAILED', command, stderr: message, cause });
  }
}
