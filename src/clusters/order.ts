import type { Arguments } from '../mcp/define/cursor.ts';
import type { Order, Row } from './merge.ts';

/** The field of a row that a sort compares, where it has another name. */
const FIELDS: { [sort: string]: string } = {
  memory: 'memory_gib',
  disk: 'boot_disk_gib',
  uptime: 'uptime_seconds',
};
/** How each tool orders its rows by default; others have an order of their own. */
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

/** What `top` of show_usage ranks by, as near as rows tell: the present use, of what no listing tells the usual one. */
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

/** The order that rows of a call are in; null where the rows do not tell it. */
export function orderOf(tool: string, args: Arguments): Order | null {
  if (tool === 'show_usage')
    return args['resource'] === undefined ? { fields: [], descending: true, value: usageOf } : null;
  const usual = USUAL[tool];
  if (usual === undefined || (Array.isArray(args['group']) ? args['group'].length > 0 : args['group']))
    return null;
  const { sort, order } = args as { sort?: string; order?: string };
  const fields = typeof sort === 'string' && sort !== '' ? [FIELDS[sort] ?? sort] : usual.fields;
  // `at` of diff_state against the declaration is not its order.
  if (tool === 'diff_state' && args['from'] === 'declared') return null;
  return { fields, descending: order ? order === 'desc' : usual.descending };
}
