import type { Clock } from '../src/clock.ts';

/** A watch is told at most so often up to where it was told all, and so long before the server ends it. */
const frequencyMs = 60_000;
const beforeEndMs = 2000;

/** Says when one watch is to be told how far it is. A real server repeats itself when nothing happens; this one doesn't. */
export class Bookmarks {
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #send: () => void;
  #cancel: (() => void) | undefined;

  /** @param endsAt when the server ends the watch, in milliseconds since 1970 */
  constructor(clock: Clock, endsAt: number, send: () => void) {
    this.#clock = clock;
    this.#endsAt = endsAt;
    this.#send = send;
  }

  /** Something happened, of whatever kind: the watch is to know in time that it was told all up to there. */
  happened(): void {
    if (this.#cancel !== undefined) return;
    const leftMs = this.#endsAt - beforeEndMs - this.#clock.now();
    this.#cancel = this.#clock.timer(leftMs > 0 ? Math.min(leftMs, frequencyMs) : frequencyMs, () => {
      this.#cancel = undefined;
      this.#send();
    });
  }

  stop(): void {
    this.#cancel?.();
  }
}
