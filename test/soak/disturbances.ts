import { setTimeout as delay } from 'node:timers/promises';
import type { ControlPlane } from '../lab/control-plane/index.ts';

const longestFreezeMs = 30_000;

/** The time for which etcd stands still: 30 s in a run of at least five minutes, and a tenth of a shorter one. */
export const freezeMs = (minutes: number): number => Math.min(longestFreezeMs, (minutes * 60_000) / 10);

/** As when its process crashes. @returns when it serves again */
export async function restartApiServer({ components }: ControlPlane): Promise<void> {
  await components.apiserver!.stop('SIGKILL');
  await components.apiserver!.start();
}

/** The worse way for etcd to be away: who asks it is not refused, but kept waiting. */
export async function freezeEtcd({ components }: ControlPlane, ms: number): Promise<void> {
  const pid = components.etcd!.pid!;
  process.kill(pid, 'SIGSTOP');
  try {
    await delay(ms);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
