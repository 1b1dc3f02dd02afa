import type { Clock } from './clock.ts';
import { DelayedKeys } from './delayed-keys.ts';
import type { Result } from './result.ts';

/** Wait before the n-th retry of a key, doubling from `baseMs` to `maxMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

export const defaultBackoff: Backoff = { baseMs: 200, maxMs: 60_000 };

/** A key may ask to run again at once this often in a row; then it waits as if it had failed. */
const maxAgainInARow = 50;

/** Told of what goes through a queue. */
export interface QueueObserver {
  /** A key began to wait. */
  added(): void;
  /** A key that ran is to run again, because it failed or asked for it. */
  retried(): void;
  started(waitedMs: number): void;
  ended(workedMs: number): void;
}

export interface WorkQueueOptions {
  clock: Clock;
  /** Runs one key. Never called for a key that is still running. An error counts as a failure. */
  work: (key: string) => Promise<Result>;
  /** How many keys may run at a time. */
  concurrency: number;
  backoff?: Backoff;
  /** A key that is done is run again after this time, give or take a tenth; undefined: only when it is added. */
  resyncMs: (key: string) => number | undefined;
  /**
   * Told of a failure and of the wait before the next try, which is undefined once the queue was stopped; may lengthen
   * that wait by what it returns.
   */
  failed: (key: string, error: unknown, retryInMs: number | undefined) => number;
  observer?: QueueObserver | undefined;
}

interface Running {
  /** By the monotonic clock. */
  readonly since: number;
  readonly ended: Promise<void>;
}

/**
 * Runs keys: equal ones wait once, each runs one at a time, keys that fail back off one by one. A key added while it
 * runs is run once more after. Each run says anew when the next is due.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Since when each key waits, by the monotonic clock; so in {@link #addedMeanwhile}. */
  readonly #ready = new Map<string, number>();
  readonly #running = new Map<string, Running>();
  readonly #addedMeanwhile = new Map<string, number>();
  readonly #delayed: DelayedKeys;
  readonly #failures = new Map<string, number>();
  readonly #repeats = new Map<string, number>();
  #open = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#delayed = new DelayedKeys(options.clock, (key) => this.add(key));
  }

  /** Begins to run keys; those added before have waited. */
  start(): void {
    this.#open = true;
    this.#pump();
  }

  /** Starts no more keys. @returns when those that run have ended */
  async stop(): Promise<void> {
    this.#open = false;
    this.#delayed.clear();
    this.#ready.clear();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  add(key: string): void {
    this.#wait(key, this.#running.has(key) ? this.#addedMeanwhile : this.#ready);
    this.#pump();
  }

  /** Runs a key later, unless it runs before that. */
  addAfter(key: string, ms: number, { resync = false } = {}): void {
    this.#delayed.add(key, ms, { resync });
  }

  /** Whether nothing runs and nothing waits to run now. */
  idle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0;
  }

  /** How many keys wait to run now. */
  depth(): number {
    return this.#ready.size + this.#addedMeanwhile.size;
  }

  /** For how long each key runs that runs now, in milliseconds. */
  running(): Map<string, number> {
    const now = this.#options.clock.monotonic();
    return new Map([...this.#running].map(([key, { since }]) => [key, now - since]));
  }

  /** When the next key is due that asked for it, in milliseconds since 1970; resyncs don't count. */
  due(): number | undefined {
    return this.#delayed.due();
  }

  #wait(key: string, where: Map<string, number>): void {
    if (where.has(key)) return;
    where.set(key, this.#options.clock.monotonic());
    this.#options.observer?.added();
  }

  #pump(): void {
    const { clock, concurrency, observer } = this.#options;
    while (this.#open && this.#running.size < concurrency) {
      const [first] = this.#ready;
      if (first === undefined) return;
      const [key, waitsSince] = first;
      this.#ready.delete(key);
      this.#delayed.delete(key);
      const since = clock.monotonic();
      observer?.started(since - waitsSince);
      this.#running.set(key, { since, ended: this.#run(key, since) });
    }
  }

  async #run(key: string, since: number): Promise<void> {
    // The set of running keys must hold this one before the work may add it again.
    await Promise.resolve();
    let ended: Result | { readonly failure: unknown };
    try {
      ended = await this.#options.work(key);
    } catch (failure) {
      ended = { failure };
    }
    this.#running.delete(key);
    this.#options.observer?.ended(this.#options.clock.monotonic() - since);
    const waitsSince = this.#addedMeanwhile.get(key);
    this.#addedMeanwhile.delete(key);
    if (this.#open) {
      if (waitsSince !== undefined && !('failure' in ended)) this.#ready.set(key, waitsSince);
      this.#schedule(key, ended);
    } else if ('failure' in ended) {
      this.#options.failed(key, ended.failure, undefined);
    }
    this.#pump();
  }

  #schedule(key: string, ended: Result | { readonly failure: unknown }): void {
    if ('failure' in ended) {
      this.#options.observer?.retried();
      const wait = this.#nextBackoff(key);
      this.addAfter(key, Math.max(wait, this.#options.failed(key, ended.failure, wait)));
      return;
    }
    if (ended.kind === 'again') {
      this.#options.observer?.retried();
      const repeats = (this.#repeats.get(key) ?? 0) + 1;
      this.#repeats.set(key, repeats);
      if (repeats <= maxAgainInARow) this.#wait(key, this.#ready);
      else this.addAfter(key, this.#nextBackoff(key));
      return;
    }
    this.#failures.delete(key);
    this.#repeats.delete(key);
    const resyncMs = this.#options.resyncMs(key);
    if (ended.kind === 'after' || ended.kind === 'failed') {
      const resync = resyncMs !== undefined && ended.ms >= resyncMs;
      if (!resync) this.#options.observer?.retried();
      this.addAfter(key, ended.ms, { resync });
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
