import { defineConfig } from 'vitest/config';

/** The pages in a real browser: `npm run test:browser`. It wants Chromium, and says how to get one. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    setupFiles: ['test/support/canary-setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    // The first page of a browser that has just been started takes its time.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 120_000,
  },
});
