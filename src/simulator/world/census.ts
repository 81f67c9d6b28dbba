import type { ClusterState } from '../state.ts';
import type { TruthCause } from '../truth.ts';
import { resourceName } from '../truth-state.ts';
import type { Guest } from '../types.ts';

/** The lowest VMID used neither by a guest nor by a clone in the making. */
export function freeVmid(state: ClusterState): number {
  let vmid = 100;
  while (state.guests.has(vmid) || state.reservedVmids.has(vmid)) vmid++;
  return vmid;
}

/** The first node that is online, where things happen by default. */
export function firstOnline(state: ClusterState): string {
  const nodes = [...state.nodes.values()];
  return (nodes.find(node => node.state === 'online') ?? nodes[0]!).name;
}

/** Adds a guest. */
export function addGuest(state: ClusterState, guest: Guest, cause: TruthCause): void {
  state.guests.set(guest.vmid, guest);
  state.lag(guest, null);
  state.truth.note(resourceName(guest), 'created', cause);
}

/** Removes a guest, and everything about it that is kept elsewhere. */
export function removeGuest(state: ClusterState, guest: Guest, cause?: TruthCause): void {
  state.guests.delete(guest.vmid);
  state.truth.watchSettings(cause, () => state.ha.delete(guest.vmid));
  state.firewallRules.delete(guest.vmid);
  state.replicationJobs = state.replicationJobs.filter(job => job.guest !== guest.vmid);
  state.truth.note(resourceName(guest), 'deleted', cause);
}

/** A stopped guest without history, made from a config. */
export function bareGuest(
  state: ClusterState,
  facts: Pick<Guest, 'vmid' | 'type' | 'node' | 'config'>,
): Guest {
  return {
    ...facts,
    status: 'stopped',
    startedAt: undefined,
    pending: new Map(),
    snapshots: [],
    agentAnswers: true,
    salt: state.random.int(1, 1_000_000_000),
  };
}
