import type { TaskEntity } from '../../model/entity.ts';
import { type OurTime, toClusterTime } from '../../model/time.ts';
import { parseTrail, TRAIL_NOTE } from '../../model/trail.ts';
import type { Listed } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { beganAt, endedAt, possibleStarts, type TaskClock } from './dates.ts';
import type { ListedTask, TaskDates } from './read.ts';

/** What tells when a node's tasks began and ended. */
export async function taskClockOf(
  { store, clocks, clockOffset, now }: DiscoveryScope,
  { inventory, nodes, clock }: Listed,
  node: string,
): Promise<TaskClock> {
  const [last, trail] = await Promise.all([
    store.lastCommit('tasks', { complete: true }),
    store.note(TRAIL_NOTE),
  ]);
  const before = parseTrail(trail).at(-1);
  // What was run on a node out of sight is new, however old.
  const isSeen = before?.tasks === 'all' && !before.unread.includes(node);
  const cluster = (at: OurTime) => toClusterTime(at, clockOffset());
  const bootAt = inventory.nodes.find(({ id }) => id === node)?.bootAt ?? nodes.get(node)?.bootAt ?? null;
  return {
    dates: at => clocks.dates(node, at),
    bootAt: bootAt === null ? null : cluster(bootAt),
    readTo: last !== null && isSeen && clock.steady ? clock.looked(last) : null,
    present: cluster(now()),
  };
}

/** When a task began and ended. One that is known keeps its date. */
export function datesOf({ upid }: ListedTask, former: TaskEntity | undefined, clock: TaskClock): TaskDates {
  const began = former === undefined ? beganAt(upid, clock) : former.startTime;
  return { began, ended: at => former?.endTime ?? endedAt(at, upid, began, clock) };
}

/**
 * Whether a node's clock was set since it was last asked: its list holds a task that was not there before and cannot have begun
 * when it should have. With a wrong date it could become the cause of something else, or a start that never happened.
 */
export async function isClockSet(
  scope: DiscoveryScope,
  node: string,
  {
    rows,
    former,
    clock,
  }: { rows: readonly ListedTask[]; former: ReadonlyMap<string, TaskEntity>; clock: TaskClock },
): Promise<boolean> {
  const isOdd = ({ row, upid }: ListedTask) =>
    !former.has(row.upid) && possibleStarts(upid, clock).length === 0;
  if (!rows.some(isOdd)) return false;
  const before = scope.clocks.ahead(node);
  scope.clocks.doubt(node);
  await scope.clocks.read({ ...scope, inventory: { online: new Set([node]) } });
  return scope.clocks.ahead(node) !== before;
}
