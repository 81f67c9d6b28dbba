/** The tables that views read: a plan that reads another one is refused. */
export const VIEW_TABLES = [
  'nodes',
  'vms',
  'containers',
  'guest_configs',
  'details',
  'tasks',
  'state_snapshots',
] as const;
