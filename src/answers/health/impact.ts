import type { HealthFacts } from '../../health/facts.ts';
import { type Impact, impactOf } from '../../health/impact.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { StoreReader } from '../../model/store.ts';
import { counted } from '../../text/counted.ts';
import { fitRows } from '../format/page.ts';
import { clusterText } from '../format/text.ts';
import { gib } from '../format/units.ts';
import { listed } from '../resource/listed.ts';

/** Largest size of lists of guests (bytes); a node may have hundreds. */
const LIST_BYTES_AT_MOST = 4_000;
const OVERVIEW_BYTES_AT_MOST = 12_000;
const NAMES_AT_MOST = 60;
const TASKS_AT_MOST = 20;

/** What the loss of a node means, as answers show it; null if there is no such node. */
export async function impactFacts(node: string, facts: HealthFacts, store: StoreReader): Promise<Row | null> {
  const impact = impactOf(node, facts);
  if (impact === undefined) return null;
  const { timeZone } = facts;
  const some = (field: string, list: readonly unknown[]) => listed(field, list, LIST_BYTES_AT_MOST);
  const reasons = (list: Impact['doubtful']) =>
    list.map(({ resource, why }) => ({ resource, why: clusterText(why, 300) }));
  const named = facts.guests.filter(guest => impact.stops.includes(guest.key) && guest.name !== null);
  return {
    node,
    down: impact.isDown,
    verdict: verdictOf(impact),
    ...some('stops', impact.stops),
    ...some('restarts_elsewhere', impact.restartsElsewhere),
    ...some('cannot_start_elsewhere', reasons(impact.cannotStartElsewhere)),
    ...(impact.doubtful.length > 0 && some('may_not_start_elsewhere', reasons(impact.doubtful))),
    bound: impact.bound,
    quorum_holds: impact.quorumHolds,
    votes: impact.votes,
    memory_fits: impact.memoryFits,
    memory_needed_gib: impact.memory && gib(impact.memory.neededBytes),
    memory_free_elsewhere_gib: impact.memory && gib(impact.memory.freeBytes),
    running_tasks: impact.runningTasks.slice(0, TASKS_AT_MOST).map(task => ({
      upid: task.upid,
      type: task.type,
      resource: task.resource,
      user: clusterText(task.user, 80),
      started_at: formatTime(task.startedAt, timeZone),
    })),
    ...(await lastFailure(node, store, timeZone)),
    names: Object.fromEntries(
      named.slice(0, NAMES_AT_MOST).map(guest => [guest.key, clusterText(guest.name!, 60)]),
    ),
  };
}

/** All nodes, beginning with the one whose loss does the least harm; guests only as numbers. */
export function impactOverview(facts: HealthFacts): Row {
  const impacts = facts.nodes.filter(node => !node.left).flatMap(({ id }) => impactOf(id, facts) ?? []);
  const lost = ({ stops, restartsElsewhere }: Impact) => stops.length - restartsElsewhere.length;
  const harm = (impact: Impact) => [
    impact.quorumHolds === true ? 0 : 1,
    impact.memoryFits === true ? 0 : 1,
    impact.runningTasks.length,
    lost(impact),
  ];
  const least = impacts.toSorted((a, b) => compareInOrder(harm(a), harm(b)));
  return {
    nodes: fitRows(
      least.map(impact => ({
        node: impact.node,
        down: impact.isDown,
        verdict: verdictOf(impact),
        stops: impact.stops.length,
        restarts_elsewhere: impact.restartsElsewhere.length,
        cannot_start_elsewhere: impact.cannotStartElsewhere.length,
        quorum_holds: impact.quorumHolds,
        memory_fits: impact.memoryFits,
        running_tasks: impact.runningTasks.length,
      })),
      OVERVIEW_BYTES_AT_MOST,
    ),
  };
}

function compareInOrder(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

/** When it was last seen to go down, and to come back. */
async function lastFailure(node: string, store: StoreReader, timeZone: string): Promise<Row> {
  const steps = await store.steps({ resource: { type: 'node', id: node }, changesOnly: true });
  const turned = (to: string) => (step: (typeof steps)[number]) =>
    step.fields.some(field => field.path === 'status' && field.to === to);
  const failed = steps.findLast(turned('offline'));
  if (failed === undefined) return { last_failed_at: null };
  const back = steps.find(step => step.seq > failed.seq && turned('online')(step));
  return {
    last_failed_at: formatTime(failed.windowBefore, timeZone),
    back_at: back === undefined ? null : formatTime(back.windowBefore, timeZone),
  };
}

/** The result in one sentence, worst first. */
function verdictOf(impact: Impact): string {
  const { isDown, stops, restartsElsewhere, cannotStartElsewhere, runningTasks } = impact;
  const said: (string | false)[] = [
    impact.quorumHolds === false &&
      `the others ${isDown ? 'have' : 'would have'} no quorum: nothing could be started or changed`,
    impact.quorumHolds === null && 'whether quorum holds is not known',
    runningTasks.length > 0 && !isDown && `${counted(runningTasks.length, 'task')} would be cut off`,
    stops.length === 0 && `no guest ${isDown ? 'ran' : 'runs'} there`,
    stops.length > 0 &&
      `${counted(stops.length, 'guest')} ${isDown ? 'ran there' : stops.length === 1 ? 'stops' : 'stop'}`,
    stops.length > 0 &&
      `high availability ${isDown ? 'starts' : 'would start'} ${restartsElsewhere.length === 0 ? 'none of them' : restartsElsewhere.length} elsewhere`,
    cannotStartElsewhere.length > 0 && `${cannotStartElsewhere.length} cannot start on another node`,
    impact.memoryFits === false && 'the others lack memory for those that could',
  ];
  return `${said.filter(one => one !== false).join('; ')}.`;
}
