import type { Clock } from '../src/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it, and leaves nothing to chance. */
export interface VirtualClock extends Clock {
  /** When the next timer is due, in milliseconds since 1970; undefined when none is set. */
  next(): number | undefined;
  /** Moves time on by `ms`, calling the timers that fall due, each at its own time. */
  advance(ms: number): void;
}

/** @param start milliseconds since 1970 */
export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;

  const earliest = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  };

  return {
    now: () => now,
    monotonic: () => now,
    timer(ms, callback) {
      const timer = { at: now + Math.max(0, ms), order: (order += 1), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    jitter: (ms) => ms,
    next: () => earliest()?.at,
    advance(ms) {
      const end = now + ms;
      for (let timer = earliest(); timer !== undefined && timer.at <= end; timer = earliest()) {
        timers.delete(timer);
        now = timer.at;
        timer.callback();
      }
      now = end;
    },
  };
}
