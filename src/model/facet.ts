/** The parts of state, each with its own source and freshness. */
export const FACETS = [
  'inventory',
  'config',
  'tasks',
  'storage',
  'datacenter',
  'details',
  'backups',
  'addresses',
] as const;
/** One of `FACETS`. */
export type Facet = (typeof FACETS)[number];
