const defaultDeadlineMs = 10_000;

/** The part of the API server's time that a review may take; in the rest its answer must get back. */
const share = 0.9;

/**
 * How long a review may take, in milliseconds: as its handler says, but less than the API server waits.
 * @param timeout how long that is, as the API server puts it into the query: a Go duration such as `10s` or `9.5s`
 */
export function deadlineOf(deadlineMs = defaultDeadlineMs, timeout: string | null): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(timeout ?? '') ?? [];
  if (amount === undefined) return deadlineMs;
  return Math.min(deadlineMs, Number(amount) * (unit === 's' ? 1000 : 1) * share);
}
