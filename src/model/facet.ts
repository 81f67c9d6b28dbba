/** A slice of state with its own source and freshness. */
export const FACETS = ['inventory', 'config', 'tasks', 'storage', 'details', 'backups', 'addresses'] as const;
export type Facet = (typeof FACETS)[number];
