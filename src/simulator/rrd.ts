import { currentFacts } from './guest-facts.ts';
import { noise } from './prng.ts';
import type { ClusterState } from './state.ts';
import { day } from './timing.ts';
import type { Guest, Node, Storage } from './types.ts';
import { guestUsage, nodeUsage, storageUsed } from './usage.ts';

/*
 * Round robin databases: what a resource used at past moments, each row the mean of the interval that ends at its time. They
 * are drawn from the same usage that lists show of the present, and from what really happened: a node that was off and a
 * guest that did not run have no values. A file belongs to a VMID, so a new guest inherits what the one before it left.
 */

/** Seconds per row and number of rows, by time frame (`PVE::RRD`, 9.0). */
const FRAMES: Frames = {
  hour: [60, 60],
  day: [60, 1440],
  week: [1800, 336],
  month: [1800, 1440],
  year: [21_600, 1440],
  decade: [604_800, 570],
};
/** The same before PVE 9. */
const OLD_FRAMES: Frames = {
  hour: [60, 60],
  day: [1800, 70],
  week: [10_800, 70],
  month: [43_200, 70],
  year: [604_800, 70],
  decade: [604_800, 70],
};
type Frames = { [timeframe: string]: [step: number, count: number] };

/** Moments sampled for the mean of an interval. */
const SAMPLES = 4;

type Row = { [field: string]: number };

/** Rows of a time frame, by the version of the answering node. `at` (ms) returns the values of a moment, if there are any. */
export function rrdRows(
  { clock }: ClusterState,
  { version }: Node,
  timeframe: string,
  at: (time: number) => Row | undefined,
): Row[] {
  const [step, count] = (Number.parseInt(version, 10) < 9 ? OLD_FRAMES : FRAMES)[timeframe]!;
  const last = Math.floor(clock.seconds() / step) * step;
  return Array.from({ length: count }, (_, index) => {
    const time = last - (count - 1 - index) * step;
    return { time, ...meanOf(time * 1000, step * 1000, at) };
  });
}

/** The mean of the interval up to `end`; a field needs values for at least half of it. */
function meanOf(end: number, length: number, at: (time: number) => Row | undefined): Row {
  const samples = Array.from({ length: SAMPLES }, (_, index) => at(end - (index * length) / SAMPLES));
  const known = samples.filter(sample => sample !== undefined);
  const fields = [...new Set(known.flatMap(sample => Object.keys(sample)))];
  return Object.fromEntries(
    fields.flatMap(field => {
      const values = known.flatMap(sample => sample[field] ?? []);
      return values.length * 2 < SAMPLES
        ? []
        : [[field, values.reduce((sum, value) => sum + value, 0) / values.length]];
    }),
  );
}

/** What a node used at a moment, while it was up. */
export function nodeAt(state: ClusterState, node: Node): (time: number) => Row | undefined {
  const isUp = wasUp(state, node.name);
  return time => {
    if (!isUp(time)) return undefined;
    const { cpu, mem, disk } = nodeUsage(node, time);
    return {
      cpu,
      maxcpu: node.cpus,
      iowait: 0.0004,
      loadavg: cpu * node.cpus,
      memtotal: node.memory,
      memused: mem,
      memavailable: node.memory - mem,
      swaptotal: 0,
      swapused: 0,
      arcsize: 0,
      roottotal: node.rootfs,
      rootused: disk,
      netin: 2_000_000 * busy(node.salt, time),
      netout: 1_200_000 * busy(node.salt, time),
    };
  };
}

/** What a guest used at a moment; only its sizes if it was not running. */
export function guestAt(state: ClusterState, guest: Guest): (time: number) => Row | undefined {
  const facts = currentFacts(state, guest);
  const isUp = wasUp(state, guest.node);
  const isThere = hadRows(state, guest);
  const { salt } = guest;
  const sizes = { maxcpu: facts.maxcpu, maxmem: facts.maxmem, maxdisk: facts.maxdisk };
  return time => {
    const running = isThere(time);
    if (!isUp(time) || running === undefined) return undefined;
    const { cpu, mem, disk } = guestUsage(guest, { ...facts, status: 'running', startedAt: time }, time);
    if (!running) return { ...sizes, disk };
    const traffic = busy(salt, time);
    return {
      ...sizes,
      cpu,
      mem,
      memhost: mem,
      disk,
      netin: noise(salt, 4) * 40_000 * traffic,
      netout: noise(salt, 5) * 25_000 * traffic,
      diskread: noise(salt, 6) * 9_000 * traffic,
      diskwrite: noise(salt, 7) * 20_000 * traffic,
    };
  };
}

/** How full a storage was at a moment, as seen by a node. */
export function storageAt(
  state: ClusterState,
  storage: Storage,
  node: Node,
): (time: number) => Row | undefined {
  const isUp = wasUp(state, node.name);
  const lostAt = storage.unreachable.get(node.name) ?? Number.POSITIVE_INFINITY;
  return time =>
    isUp(time) && time < lostAt
      ? { total: storage.total, used: storageUsed(state, storage, node, time) }
      : undefined;
}

/** Higher by day than by night, and never the same twice: about 1 on average. */
function busy(salt: number, time: number): number {
  const hourly = noise(salt, Math.floor(time / 3_600_000));
  return 0.3 + 0.7 * (1 + Math.sin((time / day) * 2 * Math.PI - Math.PI / 2)) * (0.5 + hourly);
}

function wasUp(state: ClusterState, node: string): (time: number) => boolean {
  const turns = turnsOf(state, [`node/${node}`], 'offline');
  const before = turns[0] === undefined ? state.nodes.get(node)?.state === 'online' : !turns[0].on;
  return time => turns.findLast(turn => turn.at <= time)?.on ?? before;
}

/** Whether a guest with this VMID was running at a moment; undefined if there was none. */
function hadRows(state: ClusterState, { vmid, status }: Guest): (time: number) => boolean | undefined {
  const turns = turnsOf(state, [`vm/${vmid}`, `container/${vmid}`], 'stopped');
  const [first] = turns;
  const before = first === undefined ? status === 'running' : first.made ? undefined : !first.on;
  return time => {
    const turn = turns.findLast(one => one.at <= time);
    return turn === undefined ? before : turn.gone ? undefined : turn.on;
  };
}

interface Turn {
  at: number;
  on: boolean;
  made: boolean;
  gone: boolean;
}

/** When one of these resources was created, removed or changed its status; it is on in all states but `off`. */
function turnsOf({ truth }: ClusterState, resources: readonly string[], off: string): Turn[] {
  return truth.events.flatMap(({ at, resource, change, fields }): Turn[] => {
    if (!resources.includes(resource)) return [];
    if (change !== 'updated')
      return [{ at, on: false, made: change === 'created', gone: change === 'deleted' }];
    const moved = fields?.find(({ path }) => path === 'status');
    return moved === undefined ? [] : [{ at, on: moved.to !== off, made: false, gone: false }];
  });
}
