import type { ClusterState } from '../state.ts';
import { day } from '../timing.ts';
import type { Node } from '../types.ts';

const gib = 2 ** 30;

/** Adds nodes `pve1` to `pveN` with the same PVE version and slightly different hardware, up for some months. */
export function buildNodes(state: ClusterState, count: number): void {
  const { random } = state;
  for (let index = 1; index <= count; index++)
    state.nodes.set(`pve${index}`, makeNode(state, index, random.int(40, 160)));
}

/** A node that has been up for a number of days. Like PVE, it uses id 0 for a node without a cluster. */
function makeNode(state: ClusterState, index: number, daysUp: number): Node {
  const { random } = state;
  return {
    name: `pve${index}`,
    id: state.clusterName === null ? 0 : index,
    ip: `10.99.${Math.floor(index / 250)}.${index % 250}`,
    state: 'online',
    downAt: undefined,
    frozenMs: undefined,
    startedAt: state.clock.now() - daysUp * day - random.int(0, day),
    version: '9.2.11',
    cpus: random.pick([16, 32, 32, 64]),
    memory: random.pick([128, 256, 256, 512]) * gib,
    rootfs: 94 * gib,
    clockOffsetMs: 0,
    salt: random.int(1, 1_000_000_000),
    nextPid: random.int(1200, 9000),
    nextLogId: 1,
  };
}
