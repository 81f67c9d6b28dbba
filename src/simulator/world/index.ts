import type { ClusterState } from '../state.ts';
import { accessMutations } from './access.ts';
import { backupMutations } from './backup.ts';
import { configMutations } from './config.ts';
import { copyMutations } from './copies.ts';
import { lifeMutations } from './life.ts';
import { nodeMutations } from './nodes.ts';
import { powerMutations } from './power.ts';
import { snapshotMutations } from './snapshots.ts';
import { storageMutations } from './storages.ts';

/**
 * Everything that can happen to the simulated cluster. Methods that PVE implements by a task return its UPID and take
 * `durationMs`: the task runs while that time passes on the clock, and the change happens at its end.
 */
export type World = ReturnType<typeof createWorld>;

/** The mutations of a cluster, by topic in the files of this directory. */
export function createWorld(state: ClusterState) {
  const world = {
    ...configMutations(state),
    ...powerMutations(state),
    ...lifeMutations(state),
    ...copyMutations(state),
    ...snapshotMutations(state),
    ...backupMutations(state),
    ...storageMutations(state),
    ...nodeMutations(state),
    ...accessMutations(state),
  };
  return counted(state, world);
}

type Methods = Record<string, (...parameters: never[]) => unknown>;

/** The same methods, each counted as a mutation, so that none can forget to invalidate computed rows. */
function counted<T extends Methods>(state: ClusterState, world: T): T {
  const wrapped: Methods = {};
  for (const [name, method] of Object.entries(world)) {
    wrapped[name] = (...parameters) => {
      try {
        return method(...parameters);
      } finally {
        state.version++;
      }
    };
  }
  return wrapped as T;
}
