/** Condition of a LocalStorageNode: its agent renews its lease. */
export const agentAliveType = 'AgentAlive';

/**
 * Which leases are overdue, by this process's own clock: what counts is when a lease was last seen to change, not the
 * times in it, which another machine's clock wrote. A new process gives every lease a full period, but one that was
 * overdue already: that has to be seen to change first.
 */
export class Liveness {
  readonly #seen = new Map<string, { version: string | undefined; atMs: number }>();

  /** @returns ms since the lease was last seen to change; a lease that is gone stops changing */
  ageMs(node: string, version: string | undefined, nowMs: number, wasOverdue: boolean): number {
    const before = this.#seen.get(node);
    if (before !== undefined && (version === undefined || before.version === version)) return nowMs - before.atMs;
    const atMs = before === undefined && wasOverdue ? -Infinity : nowMs;
    this.#seen.set(node, { version, atMs });
    return nowMs - atMs;
  }
}
