import type { SimulatorClock } from '../clock.ts';
import { ClusterState } from '../state.ts';
import { buildGuests } from './build-guests.ts';
import { buildHistory } from './build-history.ts';
import { buildNodes } from './build-nodes.ts';
import { buildSpecials } from './build-specials.ts';
import { buildStorages } from './build-storage.ts';

/** Size and name of the cluster to build. */
export interface WorldOptions {
  seed: number;
  nodes: number;
  guests: number;
  /** null: a single node that never joined a cluster. */
  clusterName: string | null;
  rowLagMs: number;
}

/** Builds the cluster of a seed: the same seed and options give the same cluster, uuids and names. */
export function buildWorld(clock: SimulatorClock, options: WorldOptions): ClusterState {
  const state = new ClusterState({ clock, ...options });
  buildNodes(state, options.nodes);
  buildStorages(state);
  state.pools.set('prod', { comment: 'production guests' });
  state.pools.set('staging', { comment: 'staging guests' });
  state.pools.set('dev', {});
  buildGuests(state, options.guests);
  buildSpecials(state);
  buildHistory(state);
  const other = [...state.nodes.keys()][1];
  const first = state.guests.get(100);
  if (other !== undefined && first !== undefined && first.node !== other) {
    state.replicationJobs = [
      { id: '100-0', guest: 100, jobnum: 0, target: other, schedule: '*/15', type: 'local' },
    ];
  }
  return state;
}
