import { readlink } from 'node:fs/promises';

/** Namespaces that the host's tools must share with the host: its files, name, semaphores, network and processes. */
const namespaces = { mnt: '-m', uts: '-u', ipc: '-i', net: '-n', pid: '-p' } as const;

/**
 * What to put before a command so that it runs in the namespaces of the host's first process: what the host has is what
 * is used. Empty where this process lives in them all, as it does outside of a container.
 * @param link reads one namespace link of /proc
 * @throws Error when this process may not look at the host's first process: it needs hostPID and root
 * @see nsenter(1), namespaces(7)
 */
export async function hostPrefix(link: (path: string) => Promise<string> = readlink): Promise<readonly string[]> {
  const isOwn = async (name: string): Promise<boolean> =>
    (await link(`/proc/self/ns/${name}`)) === (await link(`/proc/1/ns/${name}`));
  const foreign = (await Promise.all(Object.keys(namespaces).map(isOwn))).includes(false);
  return foreign ? ['nsenter', '-t', '1', ...Object.values(namespaces), '--'] : [];
}
