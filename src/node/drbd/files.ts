import type { DrbdPair, DrbdResourceFile } from '../../api/observed/index.ts';
import type { HostFiles } from '../host-files.ts';
import { refusal, refuse } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import {
  checkResourceName,
  configurationFolder,
  isOurs,
  type LocalNames,
  parseResourceFile,
  pathOf,
  renderResource,
} from './resource-file.ts';

/** How a host is reached: by its commands and by its files. */
export interface Host {
  readonly run: Run;
  readonly files: HostFiles;
}

/** What DRBD's configuration folder holds, sorted by path. */
export async function listResourceFiles({ readAll }: HostFiles): Promise<DrbdResourceFile[]> {
  const texts = await readAll(configurationFolder, '.res');
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([path, text]) => parseResourceFile(path, text));
}

/**
 * Writes a pair's resource file: beside it, to disk, then into its place, so that a power loss leaves the old or the new
 * one. The secret travels by standard input, and only root may read the file.
 * @throws CommandError `DRBD_FILE_NOT_OURS`, `DRBD_ADDRESS_IN_USE`, `DRBD_BAD_CONFIG`, `BAD_NAME`
 */
export async function writeResourceFile(
  { run, files }: Host,
  pair: DrbdPair,
  local: LocalNames,
  options: RunOptions,
): Promise<void> {
  const text = renderResource(pair, local);
  const path = pathOf(pair.name);
  const command = `write ${path}`;
  const present = await files.read(path);
  if (present === text) return;
  if (present !== undefined && !isOurs(present)) refuse('DRBD_FILE_NOT_OURS', command);
  for (const other of await listResourceFiles(files)) {
    if (other.path === path) continue;
    if (other.name === pair.name) refuse('DRBD_FILE_NOT_OURS', command, `${other.path} describes it`);
    if (other.minors.includes(pair.minor) || other.ports.includes(pair.port))
      refuse('DRBD_ADDRESS_IN_USE', command, `${other.path} has minor ${pair.minor} or port ${pair.port}`);
  }
  const beside = `${path}.new`;
  const must = async (program: string, args: readonly string[], input?: string): Promise<void> => {
    const output = await run(program, args, input === undefined ? options : { ...options, input });
    if (output.exitCode !== 0) throw refusal(command, output, []);
  };
  await must('install', ['-D', '--mode=0600', '/dev/null', beside]);
  await must('dd', [`of=${beside}`, 'conv=notrunc,fsync', 'status=none'], text);
  await must('mv', ['--no-target-directory', beside, path]);
  await must('sync', [configurationFolder]);
}

/** @throws CommandError `DRBD_FILE_NOT_OURS`, `BAD_NAME` */
export async function removeResourceFile({ run, files }: Host, name: string, options: RunOptions): Promise<void> {
  const path = pathOf(name);
  const command = `remove ${path}`;
  checkResourceName(name, command);
  const present = await files.read(path);
  if (present === undefined) return;
  if (!isOurs(present)) refuse('DRBD_FILE_NOT_OURS', command);
  const removed = await run('rm', ['--force', path], options);
  if (removed.exitCode !== 0) throw refusal(command, removed, []);
  await run('sync', [configurationFolder], options);
}
