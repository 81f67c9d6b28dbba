import type { TaskFilter } from '../../model/filter.ts';
import type { StoreReader } from '../../model/store.ts';

/**
 * Where a list of tasks ends: at its newest one that is known, or at `end` where that is past. So tasks that are read later
 * shift none of its pages; and the present is no end, since tasks are dated by the cluster's clock and not by ours.
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
