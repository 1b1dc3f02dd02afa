import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import { labCount } from './test/kernel/harness/lab-count.ts';

/** Files in the order of their names, on every machine: vitest's own order hangs on how long each took there before. */
class ByName extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  }
}

/** One project a test level; each level is named in the output and can be run alone with `--project`. */
export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'packages/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/{lab,bench,shapes,soak}/**/*.test.ts',
          ],
        },
      },
      { test: { name: 'model', include: ['test/model/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          globalSetup: ['test/api/harness/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: ['test/kernel/harness/global-setup.ts'],
          // Generous: a node's commands take up to a few seconds each on a busy machine, and only the outcome counts.
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          // Each has a lab of its own.
          maxWorkers: labCount,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/harness/global-setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // All share one lab.
          fileParallelism: false,
        },
      },
    ],
  },
});
