import type { Clock } from './clock.ts';
import type { Result } from './result.ts';

/** Wait before the n-th retry of a key, doubling from `baseMs` to `maxMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

export const defaultBackoff: Backoff = { baseMs: 200, maxMs: 60_000 };

/** A key may ask to run again at once this often in a row; then it waits as if it had failed. */
const maxAgainInARow = 50;

export interface WorkQueueOptions {
  clock: Clock;
  /** Runs one key. Never called for a key that is still running. An error counts as a failure. */
  work: (key: string) => Promise<Result>;
  /** How many keys may run at a time. */
  concurrency: number;
  backoff?: Backoff;
  /** A key that is done is run again after this time, give or take a tenth; undefined: only when it is added. */
  resyncMs: (key: string) => number | undefined;
  /** Told of a failure and of the wait before the next try; may lengthen that wait by what it returns. */
  failed: (key: string, error: unknown, retryInMs: number) => number;
}

interface Delayed {
  readonly at: number;
  readonly resync: boolean;
  readonly cancel: () => void;
}

/**
 * Runs keys: equal ones wait once, each runs one at a time, keys that fail back off one by one. A key added while it
 * runs is run once more after. Each run says anew when the next is due.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #addedMeanwhile = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #repeats = new Map<string, number>();
  #open = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Begins to run keys; those added before have waited. */
  start(): void {
    this.#open = true;
    this.#pump();
  }

  /** Starts no more keys. @returns when those that run have ended */
  async stop(): Promise<void> {
    this.#open = false;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#ready.clear();
    await Promise.all(this.#running.values());
  }

  add(key: string): void {
    if (this.#running.has(key)) this.#addedMeanwhile.add(key);
    else this.#ready.add(key);
    this.#pump();
  }

  /** Runs a key later, unless it runs before that. */
  addAfter(key: string, ms: number, { resync = false } = {}): void {
    const { clock } = this.#options;
    const at = clock.now() + ms;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.at <= at && !(earlier.resync && !resync)) return;
    earlier?.cancel();
    const cancel = clock.timer(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, resync, cancel });
  }

  /** Whether nothing runs and nothing waits to run now. */
  idle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0;
  }

  /** When the next key is due that asked for it, in milliseconds since 1970; resyncs don't count. */
  due(): number | undefined {
    const times = [...this.#delayed.values()].filter(({ resync }) => !resync).map(({ at }) => at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #pump(): void {
    while (this.#open && this.#running.size < this.#options.concurrency) {
      const [key] = this.#ready;
      if (key === undefined) return;
      this.#ready.delete(key);
      this.#delayed.get(key)?.cancel();
      this.#delayed.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    // The set of running keys must hold this one before the work may add it again.
    await Promise.resolve();
    let ended: Result | { readonly failure: unknown };
    try {
      ended = await this.#options.work(key);
    } catch (failure) {
      ended = { failure };
    }
    this.#running.delete(key);
    const addedMeanwhile = this.#addedMeanwhile.delete(key);
    if (this.#open) {
      this.#schedule(key, ended);
      if (addedMeanwhile && !('failure' in ended)) this.#ready.add(key);
    }
    this.#pump();
  }

  #schedule(key: string, ended: Result | { readonly failure: unknown }): void {
    if ('failure' in ended) {
      const wait = this.#nextBackoff(key);
      this.addAfter(key, Math.max(wait, this.#options.failed(key, ended.failure, wait)));
      return;
    }
    if (ended.kind === 'again') {
      const repeats = (this.#repeats.get(key) ?? 0) + 1;
      this.#repeats.set(key, repeats);
      if (repeats <= maxAgainInARow) this.#ready.add(key);
      else this.addAfter(key, this.#nextBackoff(key));
      return;
    }
    this.#failures.delete(key);
    this.#repeats.delete(key);
    const resyncMs = this.#options.resyncMs(key);
    if (ended.kind === 'after') {
      this.addAfter(key, ended.ms, { resync: resyncMs !== undefined && ended.ms >= resyncMs });
    } else if (resyncMs !== undefined) {
      this.addAfter(key, resyncMs * (0.9 + 0.2 * fractionOf(key)), { resync: true });
    }
  }

  #nextBackoff(key: string): number {
    const { baseMs, maxMs } = this.#options.backoff ?? defaultBackoff;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
  }
}

/** Spreads keys over time, the same in each run. @returns 0 to 1 */
function fractionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 0xffffffff;
}
