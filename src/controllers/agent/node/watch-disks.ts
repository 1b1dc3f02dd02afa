import { sleep, systemClock } from '@dot-kube/operator';
import { isCommandError } from '../../../node/errors.ts';
import type { AgentContext } from '../context.ts';

/** Where nobody reports, as on a host without udev, it is tried again after this. */
const againMs = 60_000;

/** Has the node looked at when one of its disks comes, goes or is written to. */
export async function watchDisks(
  { node, tools }: AgentContext,
  add: (key: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await tools.disks.watch(() => add(node), signal);
    } catch (error) {
      if (!isCommandError(error)) throw error;
    }
    if (signal.aborted) return;
    // What happened since the last report was told by nobody.
    add(node);
    await sleep(systemClock, againMs, signal);
  }
}
