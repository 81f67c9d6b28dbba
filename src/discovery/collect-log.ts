import type { LogLineEntity } from '../model/entity.ts';
import { type ClusterLogLine, endpoints } from '../proxmox/endpoints/index.ts';
import { redactLog } from '../state/log-text.ts';
import type { Api } from './api.ts';

const LINES_AT_MOST = 500;
const MESSAGE_AT_MOST = 1_000;

/**
 * The newest lines of the cluster's log that name a guest's edit; without Sys.Syslog only those of the token itself.
 * Each is dated in the cluster's time, of which the clock of the node that wrote it is `ahead` (ms).
 * @throws ProxmoxError when the log cannot be read.
 */
export async function collectLog(api: Api, ahead: (node: string) => number): Promise<LogLineEntity[]> {
  const rows = await api.get(endpoints.cluster.log, {}, { max: LINES_AT_MOST });
  return rows.flatMap(row => toLine(row, ahead) ?? []);
}

/** `update VM 101: -memory 3072`. Lines about tasks name their UPID; the task itself tells more. */
function toLine(row: ClusterLogLine, ahead: (node: string) => number): LogLineEntity | null {
  const vmid = /^[a-z ]+ (?:VM|CT|LXC|container) (\d{3,9}): /.exec(row.msg)?.[1];
  if (vmid === undefined || row.msg.includes('UPID:')) return null;
  const node = row.node ?? '';
  return {
    id: `${row.uid ?? row.id ?? ''}:${node}:${row.time}`,
    at: row.time * 1000 - ahead(node),
    nodeId: node,
    user: row.user ?? 'unknown',
    vmid: Number(vmid),
    message: redactLog(row.msg).slice(0, MESSAGE_AT_MOST),
  };
}
