import { describe, inject } from 'vitest';
import type { Lab } from '../../lab/index.ts';
import { connectLab } from '../../lab/index.ts';

const provided = inject('kernelLab');

/** Like `describe`, for tests on the level's one lab; on a machine that cannot run it, they count as skipped. */
export function describeOnLab(name: string, tests: (lab: Lab) => void): void {
  if ('missing' in provided) {
    describe.skip(`${name} (skipped: ${provided.missing})`, () => tests(absentLab));
    return;
  }
  const lab = connectLab(provided.name);
  describe(name, () => tests(lab));
}

/** Stands in while skipped tests are only collected, so they can be counted. */
const absentLab = new Proxy({} as Lab, {
  get: () => () => absentLab,
});
