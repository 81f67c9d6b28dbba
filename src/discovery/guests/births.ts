import type { Step } from '../../model/change.ts';
import type { TaskEntity } from '../../model/entity.ts';
import { CREATE, RESTORE } from './evidence.ts';

/** Tasks are dated in whole seconds, and a listing may lag behind them (ms). */
export const WINDOW_SLACK_MS = 60_000;

/** What is known of how a guest got its VMID. */
export interface Origin {
  /**
   * The creation time in a VM's configuration (since PVE 7). A clone carries that of its original, a restored VM that of its
   * former life.
   */
  ctime: number | null;
  /** The version that records its creation, where we saw it arrive. */
  created: Pick<Step, 'windowAfter' | 'windowBefore'> | null;
  /** Tasks with its VMID, in any order. */
  tasks: readonly TaskEntity[];
  /** A guest of its type was cloned while it arrived. */
  cloned: boolean;
}

/**
 * The earliest time from which a guest can have backups (ms); null where nothing proves that there was a time before it. Being
 * seen for the first time proves nothing, and a restored guest owns the backups of its former life.
 */
export function bornAfter({ ctime, created, tasks, cloned }: Origin): number | null {
  const bounds = [ctime];
  if (created !== null) {
    const from = (created.windowAfter ?? created.windowBefore) - WINDOW_SLACK_MS;
    const made = tasks
      .filter(task => task.status !== 'error' && (CREATE.has(task.type) || RESTORE.has(task.type)))
      .filter(task => task.startTime <= created.windowBefore && (task.endTime ?? from) >= from)
      .sort((a, b) => a.startTime - b.startTime)
      .at(-1);
    if (made !== undefined && CREATE.has(made.type)) bounds.push(made.startTime);
    if (made === undefined && cloned) bounds.push(created.windowAfter);
  }
  const known = bounds.filter(bound => bound !== null);
  return known.length === 0 ? null : Math.max(...known);
}
