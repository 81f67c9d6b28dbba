import { type Committed, committed } from '../common/committed.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { rememberTrail } from '../common/trail.ts';
import type { TasksDecided } from './decide.ts';

/** Records that the task lists were read, and which parts could be. */
export async function commitTasks(
  { store, lease, runId, feed, clocks }: DiscoveryScope,
  ground: Ground,
  { observedAt, complete, unseen, trail, fresh }: TasksDecided,
): Promise<Committed> {
  await store.commitFacet(lease, { runId, facet: 'tasks', observedAt, complete }, async () => {});
  await rememberTrail(store, trail);
  await clocks.remember(store);
  feed.tasks(fresh);
  return committed(ground, { unseen });
}
