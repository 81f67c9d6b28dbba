import type { Benchmark } from './support/report.ts';
export const databaseWrites: Benchmark = {
  name: 'database-writes',
  title: 'database-writes',
  run: async () => ({ tables: [], checks: [] }),
};
