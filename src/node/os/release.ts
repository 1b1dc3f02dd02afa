import type { OperatingSystem } from '../../api/observed/index.ts';
import type { HostFiles } from '../host-files.ts';

/** What the host calls itself. @see os-release(5) */
export async function release({ read }: HostFiles): Promise<OperatingSystem> {
  const text = (await read('/etc/os-release')) ?? '';
  const valueOf = (key: string): string =>
    new RegExp(`^${key}=(["']?)([a-z0-9._ -]*)\\1\\s*$`, 'm').exec(text)?.[2] ?? '';
  const id = valueOf('ID');
  const idLike = valueOf('ID_LIKE')
    .split(' ')
    .filter((word) => word !== '');
  return { ...(id === '' ? {} : { id }), idLike };
}
