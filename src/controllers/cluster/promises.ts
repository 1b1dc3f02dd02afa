import type { Promised } from '../../api/pool-rooms.ts';

/** Longer than any cache lags behind; what was really written is counted from the objects by then. */
const heldMs = 60_000;

/** Room that a pod's volume could move into is given to whoever needs it, when the pod was not placed for so long. */
export const reservedMs = 60_000;

interface Reservation extends Promised {
  readonly sinceMs: number;
  /** The pod was placed on the node: the volume goes there. */
  readonly firm: boolean;
}

const keyOf = ({ uid, node }: Pick<Promised, 'uid' | 'node'>): string => `${uid} ${node}`;

/**
 * Remembers for a while what this process decided, so that a hundred volumes that ask at once are not all given the same
 * room. A new process starts with none: its caches begin after the old one's last write.
 */
export class Promises {
  readonly #held = new Map<string, Promised & { untilMs: number }>();
  readonly #reserved = new Map<string, Reservation>();

  hold(promised: Promised, nowMs: number): void {
    this.#held.set(promised.uid, { ...promised, untilMs: nowMs + heldMs });
  }

  drop(uid: string): void {
    this.#held.delete(uid);
  }

  held(nowMs: number): Promised[] {
    for (const [uid, { untilMs }] of this.#held) if (untilMs <= nowMs) this.#held.delete(uid);
    return [...this.#held.values(), ...this.#reserved.values()];
  }

  /** The room on each node that a volume could move to with its pod; what was reserved before and is not now is given up. */
  reserve(wanted: readonly (Promised & { firm: boolean })[], nowMs: number): void {
    const before = new Map(this.#reserved);
    this.#reserved.clear();
    for (const one of wanted) {
      const sinceMs = before.get(keyOf(one))?.sinceMs ?? nowMs;
      this.#reserved.set(keyOf(one), { ...one, sinceMs });
    }
  }

  isReserved(uid: string, node: string): boolean {
    return this.#reserved.has(keyOf({ uid, node }));
  }

  /**
   * Decides with all that is promised; where that leaves no room, without what was reserved too long for pods that are not
   * placed, which is then given back on the node that was chosen.
   * @param decide the node, or undefined where there is none
   */
  deciding<T>(
    nowMs: number,
    decide: (promised: readonly Promised[]) => T,
    nodeOf: (decision: T) => string | undefined,
  ): T {
    const all = this.held(nowMs);
    const first = decide(all);
    const stale = [...this.#reserved.values()].filter(({ sinceMs, firm }) => !firm && nowMs - sinceMs >= reservedMs);
    if (nodeOf(first) !== undefined || stale.length === 0) return first;
    const second = decide(all.filter((one) => !stale.some((old) => old === one)));
    const node = nodeOf(second);
    for (const one of stale) if (one.node === node) this.#reserved.delete(keyOf(one));
    return second;
  }
}
