/** The middle value; of an even number, the mean of the two in the middle. NaN without any. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** The smallest value that so great a share of the values does not exceed. NaN without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export interface Spread {
  readonly medianMs: number;
  readonly maxMs: number;
}

/** Whole milliseconds: the clock tells more, the machine does not repeat more. */
export const spreadOf = (durationsMs: readonly number[]): Spread => ({
  medianMs: Math.round(median(durationsMs)),
  maxMs: Math.round(Math.max(...durationsMs)),
});

/** How many times as long, to one decimal place. */
export const ratio = (value: number, base: number): number => Math.round((value / base) * 10) / 10;

export interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Whole milliseconds, each a value that was measured. */
export const percentilesOf = (durationsMs: readonly number[]): Percentiles => ({
  p50Ms: Math.round(quantile(durationsMs, 0.5)),
  p99Ms: Math.round(quantile(durationsMs, 0.99)),
});
