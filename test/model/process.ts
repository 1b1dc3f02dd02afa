import { type Clock, type Manager, sleep } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { Killed } from './killed.ts';

/** One process alone is struck: the controller, or the agent of a host, whose kernel runs on. */
export interface Strike {
  /** `controller`, or the name of a host. */
  readonly process: string;
  /** It dies when this aborts, wherever it is. */
  readonly death: AbortSignal;
  /** It is started anew so long after. */
  readonly awayMs: number;
}

/** Writes of a process that died are not made: it may have been in the middle of anything. */
export const whileAlive =
  (isDead: () => boolean): Interceptor =>
  (_write, act) => {
    if (isDead()) throw new Killed();
    return act();
  };

/** Whether the struck process is dead now, for what it does beside its passes. */
export function absence(clock: Clock, { death, awayMs }: Strike): () => boolean {
  let backMs = Infinity;
  death.addEventListener('abort', () => (backMs = clock.now() + awayMs), { once: true });
  return () => death.aborted && clock.now() < backMs;
}

/**
 * A process that dies once, and comes back as a fresh one that knows nothing.
 * @param start makes it; what it is given says whether that incarnation is dead
 */
export function mortal(clock: Clock, { death, awayMs }: Strike, start: (isDead: () => boolean) => Manager): Manager {
  let current = start(() => death.aborted);
  let backMs: number | undefined;
  return {
    run: async (stop, abort = stop) => {
      await current.run(AbortSignal.any([stop, death]), AbortSignal.any([abort, death]));
      if (stop.aborted) return;
      backMs = clock.now() + awayMs;
      await sleep(clock, awayMs, stop);
      backMs = undefined;
      if (stop.aborted) return;
      current = start(() => false);
      await current.run(stop, abort);
    },
    idle: () => backMs !== undefined || current.idle(),
    due: () => backMs ?? current.due(),
  };
}
