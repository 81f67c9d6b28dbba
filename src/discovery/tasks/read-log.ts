import { redactLog } from '../../history/log-text.ts';
import type { LogLineEntity } from '../../model/entity.ts';
import { type ClusterTime, type NodeTime, nodeTime } from '../../model/time.ts';
import { type ClusterLogLine, endpoints } from '../../proxmox/endpoints/index.ts';
import type { Api } from '../common/api.ts';

const LINES_AT_MOST = 500;
/** More than the cluster keeps. */
const ALL_LINES = 50_000;
const MESSAGE_AT_MOST = 1_000;

/**
 * Lines of the cluster's log that name a guest's edit. `gap`: lines between `since` and the oldest one are lost, or cannot be dated.
 */
export interface CollectedLog {
  lines: LogLineEntity[];
  gap: boolean;
  /** Guests (VMIDs) of which a line cannot be dated, and may be new. */
  undated: ReadonlySet<number>;
}

/**
 * The lines of the cluster's log since `since` (ms) that name a guest's edit; without Sys.Syslog only the token's own. Each is
 * dated in the cluster's time by the clock of the node that wrote it. One that may be of several moments, since that clock was set
 * around then, is left out: it could name whoever did something else.
 * @throws ProxmoxError when the log cannot be read.
 */
export async function collectLog(
  api: Api,
  dates: (node: string, at: NodeTime) => readonly [ClusterTime, ...ClusterTime[]],
  since: number,
): Promise<CollectedLog> {
  const read = (max: number) => api.get(endpoints.cluster.log, {}, { max });
  const newest = await read(LINES_AT_MOST);
  const datesOf = (row: ClusterLogLine) => dates(row.node ?? '', nodeTime(row.time * 1000));
  const oldestOf = (rows: ClusterLogLine[]) => Math.min(...rows.map(row => datesOf(row).at(-1)!));
  // Where much has happened since, or the last look was long ago, the newest lines are not all that is new.
  const more = newest.length >= LINES_AT_MOST && oldestOf(newest) >= since;
  const rows = more ? await read(ALL_LINES) : newest;
  // The ring buffer keeps some hundred kilobytes; a shorter log is a young one.
  const isLost = more && oldestOf(rows) > since;
  const edits = rows.flatMap(row => {
    const vmid = editedBy(row);
    return vmid === null ? [] : [{ row, vmid, dates: datesOf(row) }];
  });
  const undated = new Set(
    edits.flatMap(({ vmid, dates: [, ...others] }) => (others.some(at => at >= since) ? vmid : [])),
  );
  const lines = edits.flatMap(({ row, vmid, dates: [at, ...others] }) =>
    others.length > 0 ? [] : [toLine(row, vmid, at)],
  );
  return { lines, gap: isLost || undated.size > 0, undated };
}

/** The guest that a line's edit is of: `update VM 101: -memory 3072`. Lines about tasks contain their UPID; the task itself says more. */
function editedBy({ msg }: ClusterLogLine): number | null {
  const vmid = /^[a-z ]+ (?:VM|CT|LXC|container) (\d{3,9}): /.exec(msg)?.[1];
  return vmid === undefined || msg.includes('UPID:') ? null : Number(vmid);
}

function toLine(row: ClusterLogLine, vmid: number, at: ClusterTime): LogLineEntity {
  const node = row.node ?? '';
  return {
    id: `${row.uid ?? row.id ?? ''}:${node}:${row.time}`,
    at,
    nodeId: node,
    user: row.user ?? 'unknown',
    vmid,
    message: redactLog(row.msg).slice(0, MESSAGE_AT_MOST),
    pid: row.pid ?? null,
  };
}
