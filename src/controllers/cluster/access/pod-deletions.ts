const firstMs = 10_000;
const maxMs = 300_000;
/** After so long without one, the next is the first again. */
const forgetMs = 1_800_000;

/** Pods that are made anew where they were deleted, again and again, are deleted ever less often: 10 s to 5 min apart. */
export class PodDeletions {
  readonly #noted = new Map<string, { readonly count: number; readonly lastMs: number }>();

  /**
   * How long the next one has to wait; 0: it need not.
   * @param key whose pods, and where
   */
  waitMs(key: string, nowMs: number): number {
    const noted = this.#noted.get(key);
    if (noted === undefined) return 0;
    return Math.max(0, noted.lastMs + Math.min(firstMs * 2 ** (noted.count - 1), maxMs) - nowMs);
  }

  note(key: string, nowMs: number): void {
    for (const [old, { lastMs }] of this.#noted) if (nowMs - lastMs > forgetMs) this.#noted.delete(old);
    const count = (this.#noted.get(key)?.count ?? 0) + 1;
    this.#noted.set(key, { count, lastMs: nowMs });
  }
}
