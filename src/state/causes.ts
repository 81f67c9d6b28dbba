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
 * The causes among these tasks and log lines of one resource: those that ran within the change's window, widened by
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
  return [
    ...ran.map(
      (task): Cause => ({
        upid: task.upid,
        type: task.type,
        user: userOf(task),
        status: task.exitStatus ?? 'running',
        source: 'task',
      }),
    ),
    ...log
      .filter(line => line.at >= from && line.at <= to)
      .map((line): Cause => ({ type: shortLog(line.message), user: line.user, source: 'log' })),
  ];
}

/** `root@pam` or `root@pam!token`, as PVE spells it. */
export function userOf(task: { user: string; tokenId: string | null }): string {
  return task.tokenId === null ? task.user : `${task.user}!${task.tokenId}`;
}
