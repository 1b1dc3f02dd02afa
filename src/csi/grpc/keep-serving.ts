import { stat } from 'node:fs/promises';
import { type Clock, sleep } from '@dot-kube/operator';
import type { GrpcServer } from './server.ts';

const lookMs = 10_000;

/**
 * Serves until `until` aborts, and begins anew whenever the socket is gone: somebody may clear the folder that it is in.
 * @param serve begins to serve at `path`
 */
export async function keepServing(
  path: string,
  serve: () => Promise<GrpcServer>,
  { clock, until }: { clock: Clock; until: AbortSignal },
): Promise<void> {
  while (!until.aborted) {
    const server = await serve();
    const inode = await inodeOf(path);
    while (!until.aborted && (await inodeOf(path)) === inode) await sleep(clock, lookMs, until);
    await server.stop();
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
