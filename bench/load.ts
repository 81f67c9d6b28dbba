import type { Benchmark } from './support/report.ts';
export const load: Benchmark = { name: 'load', title: 'load', run: async () => ({ tables: [], checks: [] }) };
