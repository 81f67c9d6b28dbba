import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { TasksObserved } from './decide.ts';

/**
 * What the inventory read of tasks; null where it needed none. The tasks themselves are part of the inventory's commit, because
 * its verdict rests on the new ones.
 */
export async function collectTasks(
  _scope: DiscoveryScope,
  { tasks, inventory, rights }: Ground,
): Promise<TasksObserved | null> {
  if (tasks === null) return null;
  return {
    observedAt: inventory.observedAt,
    whole: tasks.complete,
    ofAll: rights.seesAllTasks,
    failed: [...tasks.failed],
    trail: tasks.trail,
    fresh: tasks.fresh.map(task => task.upid),
  };
}
