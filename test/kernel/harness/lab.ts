import { describe, inject } from 'vitest';
import type { Lab } from '../../lab/index.ts';
import { connectLab } from '../../lab/index.ts';

const provided = inject('kernelLabs');

/** Like `describe`, for tests on the lab of this worker; on a machine that cannot run one, they count as skipped. */
export function describeOnLab(name: string, tests: (lab: Lab) => void): void {
  if ('missing' in provided) {
    describe.skip(`${name} (skipped: ${provided.missing})`, () => tests(absentLab));
    return;
  }
  // Files that run at the same time have different numbers, from 1 on.
  const own = provided.names[Number(process.env['VITEST_POOL_ID']) - 1];
  if (own === undefined) throw new Error(`there is no lab for worker ${process.env['VITEST_POOL_ID']}`);
  const lab = connectLab(own);
  describe(name, () => tests(lab));
}

/** Stands in while skipped tests are only collected, so they can be counted. */
const absentLab = new Proxy({} as Lab, {
  get: () => () => absentLab,
});
