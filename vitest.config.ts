import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Many tests wait for a database or a program of their own: every core is put to use.
    maxWorkers: '100%',
    // Each project is a folder: unit (pure, no files), integration (real HTTPS, real databases), e2e (the built program over pipes).
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/support/canary-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/support/canary-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
    // `npm test` turns it on. What is trusted with years of history is measured, and falling short fails the run.
    coverage: {
      provider: 'v8',
      include: ['src/database/**'],
      exclude: ['src/database/generated/**'],
      reporter: [['text', { skipFull: true, maxCols: 110 }]],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
