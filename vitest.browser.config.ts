import { defineConfig } from 'vitest/config';

/** The pages in a real browser: `npm run test:browser`. It wants Chromium, and says how to get one. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    setupFiles: ['test/support/canary-setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
