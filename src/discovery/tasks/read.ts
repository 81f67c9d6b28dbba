import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import { type ClusterTime, type NodeTime, nodeTime } from '../../model/time.ts';
import { parseUpid, taskResource, type Upid } from '../../model/upid.ts';
import { endpoints, type TaskRow } from '../../proxmox/endpoints/index.ts';
import { isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';

/** Rows of one request. */
export const PAGE = 500;
/** Pages of one node's list: ten times what a node keeps. */
const PAGES_AT_MOST = 200;

/** A row of a node's list that says which task it is and how it stands. */
export interface ListedTask {
  row: TaskRow;
  upid: Upid;
}

/** The rows of a node's list; `whole` if each could be read, so that a missing task is not in the list. */
export interface TaskList {
  tasks: ListedTask[];
  whole: boolean;
}

/**
 * A node's finished and running tasks that began since a moment by its clock, all pages; without one the newest page. PVE filters by
 * start and orders by end, so `since` must be the start of the oldest task still running.
 * @throws ProxmoxError when a page fails.
 */
export async function readTasks(api: Api, node: string, since: NodeTime | null): Promise<TaskList> {
  const tasks = new Map<string, ListedTask>();
  let whole = true;
  for (let start = 0; ; start += PAGE) {
    const window = since === null ? {} : { since: Math.floor(since / 1000) };
    const rows = await api.get(
      endpoints.tasks.ofNode,
      { node },
      { source: 'all', limit: PAGE, start, ...window },
    );
    if (!isWhole(rows)) whole = false;
    for (const row of rows) {
      const upid = parseUpid(row.upid);
      // Whether it still runs, or how it ended, is unknown this time.
      if (upid === null || isUnread(row, 'status') || isUnread(row, 'endtime')) whole = false;
      else tasks.set(row.upid, { row, upid });
    }
    // A page that lacks rows may not be the last one.
    const last = rows.length < PAGE && isWhole(rows);
    if (since === null || last || rows.length === 0) return { tasks: [...tasks.values()], whole };
    if (start === (PAGES_AT_MOST - 1) * PAGE) return { tasks: [...tasks.values()], whole: false };
  }
}

/** The type of each guest by VMID, for tasks whose own type does not say (vzdump, hastart). */
export type GuestNames = ReadonlyMap<number, GuestEntity['type']>;

/** When a task began and ended, in the cluster's time. */
export interface TaskDates {
  began: ClusterTime;
  ended: (at: NodeTime) => ClusterTime;
}

/** A listed task; its UPID gives in one form what rows of running and finished tasks spell differently. */
export function taskOf(
  { row, upid }: ListedTask,
  { began, ended }: TaskDates,
  guests: GuestNames,
): TaskEntity {
  const running = row.endtime === undefined && (row.status === undefined || row.status === 'RUNNING');
  const exitStatus = running ? null : (row.status ?? 'unknown');
  const resource = taskResource(upid, vmid => guests.get(vmid));
  return {
    upid: row.upid,
    nodeId: upid.node,
    type: upid.type,
    status: running ? 'running' : taskResult(exitStatus),
    resourceType: resource?.type ?? null,
    resourceId: resource?.id ?? null,
    user: upid.user,
    tokenId: upid.token ?? null,
    startTime: began,
    endTime: row.endtime === undefined ? null : ended(nodeTime(row.endtime * 1000)),
    exitStatus,
    logEntries: null,
  };
}

function taskResult(exitStatus: string | null): string {
  if (exitStatus === 'OK') return 'ok';
  return exitStatus?.startsWith('WARNINGS') ? 'warning' : 'error';
}
