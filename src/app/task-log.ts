import type { ReadTaskLog } from '../mcp/define/tool.ts';
import { endpoints, type ProxmoxClient } from '../proxmox/index.ts';

/** Reads the end of a task's log: PVE counts lines from the start, so it is asked for their number first. */
export function createTaskLog(client: ProxmoxClient): ReadTaskLog {
  return async (node, upid, lines) => {
    const { total, data } = await client.getPage(
      endpoints.tasks.log,
      { node, upid },
      { start: 0, limit: lines },
    );
    const start = Math.max(0, (total ?? 0) - lines);
    const rows =
      start === 0 ? data : await client.get(endpoints.tasks.log, { node, upid }, { start, limit: lines });
    return rows.map(row => row.t);
  };
}
