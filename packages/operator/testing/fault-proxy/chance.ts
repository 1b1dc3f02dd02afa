import { createHash } from 'node:crypto';

/** A number from 0 to 1 by chance: another for each seed and each row of words, and the same for the same. */
export function chanceOf(seed: number, ...words: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...words]))
    .digest();
  return digest.readUInt32BE() / 2 ** 32;
}
