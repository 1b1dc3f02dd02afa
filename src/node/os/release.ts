import type { OperatingSystem } from '../../api/observed/index.ts';
import type { Run, RunOptions } from '../run.ts';

const file = '/etc/os-release';

/** What the host calls itself. @see os-release(5) */
export async function release(run: Run, options: RunOptions): Promise<OperatingSystem> {
  const { exitCode, stdout } = await run('cat', [file], { ...options, on: file });
  if (exitCode !== 0) return { idLike: [] };
  const valueOf = (key: string): string =>
    new RegExp(`^${key}=(["']?)([a-z0-9._ -]*)\\1\\s*$`, 'm').exec(stdout)?.[2] ?? '';
  const id = valueOf('ID');
  const idLike = valueOf('ID_LIKE')
    .split(' ')
    .filter((word) => word !== '');
  return { ...(id === '' ? {} : { id }), idLike };
}
