import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../lab/index.ts';

const pollMs = 500;

export const apply = (lab: Lab, ...manifests: readonly object[]): Promise<string> =>
  lab.runKubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
  });

/** Looks again and again until `accept` takes what is seen; generous, since only the outcome counts. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  accept: (seen: T) => boolean,
  timeoutMs = 300_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (accept(seen)) return seen;
    if (performance.now() > deadline)
      throw new Error(`${what} did not happen within ${timeoutMs / 1000} s. Last seen: ${JSON.stringify(seen)}`);
    await delay(pollMs);
  }
}
