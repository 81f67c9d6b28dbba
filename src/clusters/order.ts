import type { Arguments } from '../mcp/define/cursor.ts';
import type { Order, Row } from './merge.ts';

/** The field of a row that a sort compares, if its name differs. */
const FIELDS: { [sort: string]: string } = {
  memory: 'memory_gib',
  disk: 'boot_disk_gib',
  uptime: 'uptime_seconds',
};
/** How each tool orders its rows by default; tools not listed have an order of their own. */
const USUAL: { [tool: string]: Order } = {
  list_guests: { fields: ['vmid'], descending: false },
  list_vms: { fields: ['vmid'], descending: false },
  list_containers: { fields: ['vmid'], descending: false },
  list_nodes: { fields: ['node'], descending: false },
  list_storage: { fields: ['storage'], descending: false },
  list_tasks: { fields: ['started_at'], descending: true },
  diff_state: { fields: ['at'], descending: true },
  check_health: { fields: ['severity'], descending: false },
  show_history: { fields: ['at'], descending: true },
  find_resources: { fields: ['rank'], descending: false },
};

/**
 * The value that `top` of show_usage ranks by, as far as rows have it: the present use, or the median for metrics that the store
 * does not have.
 */
function usageOf(row: Row): number | undefined {
  const {
    metric,
    now,
    now_percent: share,
    cpus,
    median,
  } = row as { [field: string]: number | string | undefined };
  const value =
    metric === 'cpu'
      ? Number(now) * Number(cpus ?? 1)
      : metric === 'memory'
        ? now
        : metric === 'storage'
          ? share
          : median;
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
}

/** The order of a call's rows; null if the rows do not tell it. */
export function orderOf(tool: string, args: Arguments): Order | null {
  if (tool === 'show_usage')
    return args['resource'] === undefined ? { fields: [], descending: true, value: usageOf } : null;
  const usual = USUAL[tool];
  if (usual === undefined || (Array.isArray(args['group']) ? args['group'].length > 0 : args['group']))
    return null;
  const { sort, order } = args as { sort?: string; order?: string };
  const fields = typeof sort === 'string' && sort !== '' ? [FIELDS[sort] ?? sort] : usual.fields;
  // `at` is not the order of diff_state against the declaration.
  if (tool === 'diff_state' && args['from'] === 'declared') return null;
  return { fields, descending: order ? order === 'desc' : usual.descending };
}
