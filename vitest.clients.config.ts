import { defineConfig } from 'vitest/config';

/** Other people's clients, fetched when asked for: `npm run test:clients`. Too large for everybody's `npm ci`. */
export default defineConfig({
  test: {
    name: 'clients',
    include: ['test/clients/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
