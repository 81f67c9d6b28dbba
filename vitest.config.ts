import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import type { TestProject } from 'vitest/node';

/*
 * Each project is a folder: unit (pure, no files), integration (real HTTPS, real databases), e2e (the built program over
 * pipes). Node loads the sources itself, as it does for people. Files run one after another in a few long-lived processes that keep what was imported and compiled, so a test
 * leaves nothing behind in module state. Timeouts only end what hangs: the suite also passes on a machine that is busy.
 */
const everywhere = {
  isolate: false,
  experimental: { viteModuleRunner: false, nodeLoader: false },
  // A name reads whole in a report: what a case is about is not cut off.
  taskTitleValueFormatTruncate: 200,
} as const;
const patient = {
  ...everywhere,
  setupFiles: ['test/support/canary-setup.ts'],
  testTimeout: 300_000,
  hookTimeout: 300_000,
};
/** Coverage is on or off for a whole run; what starts the built program has none to give. */
const unmeasured = {
  plugins: [
    {
      name: 'unmeasured',
      configureVitest({ project }: { project: TestProject }) {
        project.config.coverage = { ...project.config.coverage, enabled: false };
      },
    },
  ],
};

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    // Many tests wait for a disk, a database or a program of their own: half as many again keep every core at work.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          ...patient,
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/questions/**/*.test.ts'],
        },
      },
      { ...unmeasured, test: { ...patient, name: 'e2e', include: ['test/e2e/**/*.test.ts'] } },
    ],
    // `--coverage` turns it on, as .ci/run does. What is trusted with years of history is measured, and falling short fails the run.
    coverage: {
      provider: 'v8',
      include: ['src/database/**'],
      exclude: [
        'src/database/generated/**',
        // They run in a process of their own, which is killed: nothing can count what they ran.
        'src/database/sqlite/{query-plan,query-process,query-thread,run-query}.ts',
      ],
      reporter: [['text', { skipFull: true, maxCols: 110 }]],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
