/**
 * How much of a rest is left, in ms. What would take longer than the rest ever does was reckoned by a clock that has
 * been set back since: it is over.
 */
export function restLeftMs({ untilMs, mostMs }: { untilMs: number; mostMs: number }, nowMs: number): number {
  const leftMs = untilMs - nowMs;
  return leftMs > mostMs ? 0 : Math.max(0, leftMs);
}
