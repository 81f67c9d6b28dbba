import { tellingLines } from '../../history/clone-log.ts';
import { CLONES } from '../../history/task-effects.ts';
import type { TaskEntity } from '../../model/entity.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';

/** Most clone logs that one look reads of a node; further ones are read next time. */
const LOGS_AT_MOST = 20;
/** The first lines of a clone's log name the new guest. */
const LINES = 50;

/**
 * The tasks, with the lines of clones' logs that name the new guests. A log is read until it names one or the task has ended, and
 * only while the list shows the task: one request per clone, two for a clone that takes long. A log that cannot be read adds
 * nothing this time.
 */
export async function withCloneLogs(
  api: Api,
  tasks: readonly TaskEntity[],
  known: ReadonlyMap<string, TaskEntity>,
  /** Tasks that ended before this (ms, the cluster's time) made nothing new. */
  since: number,
): Promise<TaskEntity[]> {
  const kept = tasks.map(task => ({ ...task, logEntries: known.get(task.upid)?.logEntries ?? null }));
  const unread = kept.filter(
    task =>
      Object.hasOwn(CLONES, task.type) &&
      task.logEntries === null &&
      (task.endTime ?? Number.POSITIVE_INFINITY) >= since,
  );
  const read = await Promise.all(
    unread.slice(0, LOGS_AT_MOST).map(async task => [task.upid, await readEntries(api, task)] as const),
  );
  const entries = new Map(read);
  return kept.map(task => ({ ...task, logEntries: entries.get(task.upid) ?? task.logEntries }));
}

/** Null while more lines may come. */
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
