import type { ReadTaskLog } from '../mcp/define/tool.ts';
import { endpoints, type ProxmoxClient } from '../proxmox/index.ts';

/** Longest log (lines) that is read completely: a fault may be anywhere in it. */
const WHOLE_AT_MOST = 20_000;

/**
 * Reads a task's log; only the end of a very long one, for which PVE is first asked for the number of lines, since it counts from
 * the start.
 */
export function createTaskLog(client: ProxmoxClient): ReadTaskLog {
  return async (node, upid) => {
    const first = await client.getPage(
      endpoints.tasks.log,
      { node, upid },
      { start: 0, limit: WHOLE_AT_MOST },
    );
    const total = first.total ?? first.data.length;
    const start = Math.max(0, total - WHOLE_AT_MOST);
    const rows =
      start === 0
        ? first.data
        : await client.get(endpoints.tasks.log, { node, upid }, { start, limit: WHOLE_AT_MOST });
    return { total, lines: rows.map(row => ({ number: row.n, text: row.t })) };
  };
}
