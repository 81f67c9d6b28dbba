import type { Benchmark } from './support/report.ts';
export const history: Benchmark = {
  name: 'history',
  title: 'history',
  run: async () => ({ tables: [], checks: [] }),
};
