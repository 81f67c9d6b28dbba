import { redactLog } from '../../history/log-text.ts';
import type { LogLineEntity } from '../../model/entity.ts';
import { fromNodeTime, nodeTime } from '../../model/time.ts';
import { type ClusterLogLine, endpoints } from '../../proxmox/endpoints/index.ts';
import type { Api } from '../common/api.ts';

const LINES_AT_MOST = 500;
/** More than the cluster keeps. */
const ALL_LINES = 50_000;
const MESSAGE_AT_MOST = 1_000;

/** Lines of the cluster's log that name a guest's edit. `gap`: lines between `since` and the oldest one are lost. */
export interface CollectedLog {
  lines: LogLineEntity[];
  gap: boolean;
}

/**
 * The lines of the cluster's log since `since` (ms) that name a guest's edit; without Sys.Syslog only the token's own. Each is
 * dated in the cluster's time; `ahead` is how far the writing node's clock is ahead of it (ms).
 * @throws ProxmoxError when the log cannot be read.
 */
export async function collectLog(
  api: Api,
  ahead: (node: string) => number,
  since: number,
): Promise<CollectedLog> {
  const read = (max: number) => api.get(endpoints.cluster.log, {}, { max });
  const newest = await read(LINES_AT_MOST);
  const oldestOf = (rows: ClusterLogLine[]) =>
    Math.min(...rows.map(row => row.time * 1000 - ahead(row.node ?? '')));
  // Where much has happened since, or the last look was long ago, the newest lines are not all that is new.
  const more = newest.length >= LINES_AT_MOST && oldestOf(newest) >= since;
  const rows = more ? await read(ALL_LINES) : newest;
  // The ring buffer keeps some hundred kilobytes; a shorter log is a young one.
  return { lines: rows.flatMap(row => toLine(row, ahead) ?? []), gap: more && oldestOf(rows) > since };
}

/** `update VM 101: -memory 3072`. Lines about tasks contain their UPID; the task itself says more. */
function toLine(row: ClusterLogLine, ahead: (node: string) => number): LogLineEntity | null {
  const vmid = /^[a-z ]+ (?:VM|CT|LXC|container) (\d{3,9}): /.exec(row.msg)?.[1];
  if (vmid === undefined || row.msg.includes('UPID:')) return null;
  const node = row.node ?? '';
  return {
    id: `${row.uid ?? row.id ?? ''}:${node}:${row.time}`,
    at: fromNodeTime(nodeTime(row.time * 1000), ahead(node)),
    nodeId: node,
    user: row.user ?? 'unknown',
    vmid: Number(vmid),
    message: redactLog(row.msg).slice(0, MESSAGE_AT_MOST),
    pid: row.pid ?? null,
  };
}
