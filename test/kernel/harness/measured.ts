import { eventually } from './product.ts';

/** As `eventually`, and prints the seconds that it took: they are aims to be seen, not to be asserted. */
export async function measured<T>(
  what: string,
  look: () => Promise<T>,
  accept: (seen: T) => boolean,
  timeoutMs?: number,
): Promise<T> {
  const begun = performance.now();
  const seen = await eventually(what, look, accept, timeoutMs);
  printSeconds(what, begun);
  return seen;
}

/** @param begunMs by `performance.now()` */
export const printSeconds = (what: string, begunMs: number): void =>
  void process.stderr.write(`kernel level: ${what}: ${((performance.now() - begunMs) / 1000).toFixed(1)} s\n`);
