import type { PoolName } from '../../api/names.ts';

/** Room that was decided on and is not to be seen in any object yet. */
export interface Promised {
  /** Of the LocalVolume: another one of its name is promised nothing. */
  readonly uid: string;
  readonly volume: string;
  readonly node: string;
  readonly pool: PoolName;
  readonly bytes: number;
}

/** Longer than any cache lags behind; what was really written is counted from the objects by then. */
const heldMs = 60_000;

/**
 * Remembers for a while what this process decided, so that a hundred volumes that ask at once are not all given the same
 * room. A new process starts with none: its caches begin after the old one's last write.
 */
export class Promises {
  readonly #held = new Map<string, Promised & { untilMs: number }>();

  hold(promised: Promised, nowMs: number): void {
    this.#held.set(promised.uid, { ...promised, untilMs: nowMs + heldMs });
  }

  drop(uid: string): void {
    this.#held.delete(uid);
  }

  held(nowMs: number): Promised[] {
    for (const [uid, { untilMs }] of this.#held) if (untilMs <= nowMs) this.#held.delete(uid);
    return [...this.#held.values()];
  }
}
