import type { Clock } from './clock.ts';
import { DueKeys } from './due-keys.ts';

/** setTimeout takes no more; who waits longer sets one timer after the other. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Keys that wait for their time, all on one timer, since every object at rest waits for its resync. A key waits for one
 * time only: the earlier of two, but for a resync, which gives way to whatever the key asks for.
 */
export class DelayedKeys {
  readonly #clock: Clock;
  readonly #whenDue: (key: string) => void;
  /** By the monotonic clock: setting the other one moves no key. So in {@link #resyncs}. */
  readonly #asked = new DueKeys();
  readonly #resyncs = new DueKeys();
  #timerIsFor = Infinity;
  #cancelTimer = () => {};

  /** @param whenDue called with each key when its time has come, in their order; it waits no more by then */
  constructor(clock: Clock, whenDue: (key: string) => void) {
    this.#clock = clock;
    this.#whenDue = whenDue;
  }

  add(key: string, ms: number, { resync }: { resync: boolean }): void {
    const at = this.#clock.monotonic() + ms;
    const earlier = this.#asked.get(key) ?? (resync ? this.#resyncs.get(key) : undefined);
    if (earlier !== undefined && earlier <= at) return;
    const [where, other] = resync ? [this.#resyncs, this.#asked] : [this.#asked, this.#resyncs];
    other.delete(key);
    where.set(key, at);
    this.#setTimer();
  }

  delete(key: string): void {
    if (this.#asked.delete(key) || this.#resyncs.delete(key)) this.#setTimer();
  }

  clear(): void {
    this.#asked.clear();
    this.#resyncs.clear();
    this.#setTimer();
  }

  /** When the next key is due that asked for it, in milliseconds since 1970; resyncs don't count. */
  due(): number | undefined {
    const at = this.#asked.next();
    return at === Infinity ? undefined : this.#clock.now() + (at - this.#clock.monotonic());
  }

  #setTimer(): void {
    const next = Math.min(this.#asked.next(), this.#resyncs.next());
    if (next === this.#timerIsFor) return;
    this.#cancelTimer();
    this.#timerIsFor = next;
    if (next === Infinity) return;
    const ms = Math.max(0, next - this.#clock.monotonic());
    this.#cancelTimer = this.#clock.timer(Math.min(ms, longestTimerMs), () => this.#fired());
  }

  /** A timer may fire a moment early, or stand for a part of a long wait: then no key is due, and the next is set. */
  #fired(): void {
    this.#timerIsFor = Infinity;
    const now = this.#clock.monotonic();
    for (const keys of [this.#asked, this.#resyncs]) {
      for (let key = keys.take(now); key !== undefined; key = keys.take(now)) this.#whenDue(key);
    }
    this.#setTimer();
  }
}
