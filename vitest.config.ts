import { defineConfig } from 'vitest/config';

/** One project a test level; each level is named in the output and can be run alone with `--project`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'packages/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/{lab,bench}/**/*.test.ts',
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
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
