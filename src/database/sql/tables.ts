/** The store's tables, each after those it refers to. */
export const STORE_TABLES = [
  'cluster',
  'lease',
  'notes',
  'nodes',
  'vms',
  'containers',
  'guest_configs',
  'storage',
  'node_storage',
  'details',
  'tasks',
  'log_lines',
  'discovery_runs',
  'commits',
  'state_snapshots',
] as const;
