import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
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
    coverage: {
      provider: 'v8',
      include: ['src/**', 'tools/**', 'resources/**'],
      exclude: ['src/database/generated/**'],
    },
  },
});
