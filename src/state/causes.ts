import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import { shortLog } from './log-text.ts';

/** Who or what brought a change about. */
export interface Cause {
  upid?: string;
  type: string;
  user: string;
  status?: string;
  source: 'task' | 'log';
}

/** Task rows lag and windows are ours (ms): a cause may lie this far outside. */
export const CAUSE_SLACK_MS = 30_000;

/** Tasks of a guest that change nothing of its state by themselves. */
const BARREN = new Set(['vzdump', 'vncproxy', 'termproxy', 'spiceproxy']);

/**
 * The causes among these tasks and log lines of one resource, oldest first: those that ran within the change's window, widened by
 * the slack. Failed tasks count, since a failed migration may well have moved something.
 */
export function causesOf(
  window: { windowAfter: number | null; windowBefore: number },
  tasks: TaskEntity[],
  log: LogLineEntity[],
): Cause[] {
  const from = (window.windowAfter ?? window.windowBefore) - CAUSE_SLACK_MS;
  const to = window.windowBefore + CAUSE_SLACK_MS;
  const ran = tasks.filter(
    task => !BARREN.has(task.type) && task.startTime <= to && (task.endTime ?? to) >= from,
  );
  const said = log.filter(line => line.at >= from && line.at <= to);
  return [
    ...ran.map(task => ({ at: task.startTime, cause: causeOf(task) })),
    ...said.map(line => ({
      at: line.at,
      cause: { type: shortLog(line.message), user: line.user, source: 'log' as const },
    })),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ cause }) => cause);
}

function causeOf(task: TaskEntity): Cause {
  return {
    upid: task.upid,
    type: task.type,
    user: userOf(task),
    status: task.exitStatus ?? task.status,
    source: 'task',
  };
}

/** `root@pam` or `root@pam!token`, as PVE spells it. */
export function userOf(task: { user: string; tokenId: string | null }): string {
  return task.tokenId === null ? task.user : `${task.user}!${task.tokenId}`;
}
