/** Time as the framework sees it, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since some moment, for how long something takes: nobody sets this clock. */
  monotonic(): number;
  /** Calls back once, `ms` from now. @returns cancels it; harmless afterwards */
  timer(ms: number, callback: () => void): () => void;
  /** @returns a wait of about `ms`, at most that, so that many who wait for the same don't all act at once */
  jitter(ms: number): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms, callback) {
    const handle = setTimeout(callback, ms);
    return () => clearTimeout(handle);
  },
  jitter: (ms) => ms * (0.5 + Math.random() / 2),
};

/** Waits `ms`; returns early, without an error, when `signal` aborts. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.timer(ms, wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}

/** Waits for `work`, but no longer than `ms`. @returns whether it has ended by then; throws what it throws */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  let cancel = () => {};
  const over = new Promise<boolean>((resolve) => (cancel = clock.timer(ms, () => resolve(false))));
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    cancel();
  }
}
