import type { TaskFilter } from '../../model/filter.ts';
import type { StoreReader } from '../../model/store.ts';

/**
 * The end of a list of tasks: its newest known task, or `end` if that is past. So tasks that are read later do not shift its
 * pages. The present is not used as an end, since tasks are dated by the cluster's clock.
 */
export async function tasksUntil(
  store: StoreReader,
  filter: TaskFilter,
  end: number | undefined,
  now: number,
): Promise<number> {
  const past = end !== undefined && end < now ? end : undefined;
  const newestFirst = { by: 'startTime', order: 'desc' } as const;
  const { rows } = await store.tasks({ ...filter, until: past }, newestFirst, { limit: 1 });
  return rows[0]?.startTime ?? 0;
}
