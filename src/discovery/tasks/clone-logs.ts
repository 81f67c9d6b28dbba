import { tellingLines } from '../../history/clone-log.ts';
import { CLONES } from '../../history/task-effects.ts';
import type { TaskEntity } from '../../model/entity.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';

/** Logs of clones that one look reads of a node; more are read by the next ones. */
const LOGS_AT_MOST = 20;
/** What a clone makes stands in the first lines of its log. */
const LINES = 50;

/**
 * These tasks with what the logs of clones tell of the guests they make. Each is read until it has told, or has ended, and
 * just while the list shows it: a request for each clone, and two for one that takes long and tells late. One that cannot
 * be read tells nothing this time.
 */
export async function withCloneLogs(
  api: Api,
  tasks: readonly TaskEntity[],
  known: ReadonlyMap<string, TaskEntity>,
  /** Tasks that ended before (ms, the cluster's time) made nothing that is new. */
  since: number,
): Promise<TaskEntity[]> {
  const kept = tasks.map(task => ({ ...task, logEntries: known.get(task.upid)?.logEntries ?? null }));
  const untold = kept.filter(
    task =>
      Object.hasOwn(CLONES, task.type) &&
      task.logEntries === null &&
      (task.endTime ?? Number.POSITIVE_INFINITY) >= since,
  );
  const read = await Promise.all(
    untold.slice(0, LOGS_AT_MOST).map(async task => [task.upid, await readEntries(api, task)] as const),
  );
  const told = new Map(read);
  return kept.map(task => ({ ...task, logEntries: told.get(task.upid) ?? task.logEntries }));
}

/** Null while there may be more to come. */
async function readEntries(api: Api, { nodeId: node, upid, endTime }: TaskEntity): Promise<string[] | null> {
  try {
    const rows = await api.get(endpoints.tasks.log, { node, upid }, { start: 0, limit: LINES });
    const lines = tellingLines(rows.map(row => row.t));
    return lines.length === 0 && endTime === null ? null : lines;
  } catch (error) {
    if (error instanceof ProxmoxError) return null;
    throw error;
  }
}
