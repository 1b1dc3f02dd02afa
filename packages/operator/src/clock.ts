/** Time as the framework sees it, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Calls back once, `ms` from now. @returns cancels it; harmless afterwards */
  timer(ms: number, callback: () => void): () => void;
  /** @returns a wait of about `ms`, at most that, so that many who wait for the same don't all act at once */
  jitter(ms: number): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
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
