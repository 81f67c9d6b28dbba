import { defineConfig } from 'vitest/config';

/**
 * A cluster of another make, with its own truth, lives beside the product: `npm run test:witness`, `SEED=number` for one
 * life, `SOAK=seconds` for more. It searches; what it finds becomes a test of its own before it is mended.
 */
export default defineConfig({
  test: {
    name: 'witness',
    include: ['test/witness/**/*.test.ts'],
    setupFiles: ['test/support/canary-setup.ts'],
    hookTimeout: 60_000,
  },
});
