import { stepResults } from '../../desired/outcome.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { ApplyRefusal, StepResult } from '../../model/applying.ts';
import { MAX_INT } from '../../model/limits.ts';
import type { OperationEntity, PlanEventEntity } from '../../model/operation.ts';
import type { PlanEntity } from '../../model/plan.ts';
import { formatKey, type ResourceKey, type ResourceType } from '../../model/resource.ts';
import type { JsonValue } from '../../model/state.ts';
import type { StoreReader } from '../../model/store.ts';
import { clusterText } from '../format/text.ts';

/** Which plans and writes are asked for, in which span (ms, inclusive). */
export interface PlanHistoryFilter {
  resource?: ResourceKey | undefined;
  type?: ResourceType | undefined;
  node?: string | undefined;
  /** The user who asked or approved, or whose token wrote. */
  user?: string | undefined;
  since?: number | undefined;
  until?: number | undefined;
}

/** A row of history with its moment (ms); of two at one moment the one with the higher `order` is later. */
export interface DatedRow {
  at: number;
  order: number;
  row: Row;
}

/** Guests and reasons named in one row. */
const NAMED = 5;

/** The plans that were made, their events, and each write, in no order. */
export async function planHistory(
  store: Pick<StoreReader, 'plans' | 'planEvents' | 'operations'>,
  filter: PlanHistoryFilter,
  timeZone: string,
): Promise<DatedRow[]> {
  const { since, until, type, node, user } = filter;
  const span = { since, until };
  const resource = filter.resource && formatKey(filter.resource);
  const [plans, events, operations] = await Promise.all([
    store.plans(span),
    store.planEvents(span),
    store.operations({ ...span, ...(resource !== undefined && { resources: [resource] }) }),
  ]);
  const isAsked = (...names: string[]) => user === undefined || names.includes(user);
  const writes = operations.filter(
    one =>
      (type === undefined || one.resource.startsWith(`${type}/`)) &&
      (node === undefined || one.node === node) &&
      isAsked(one.asker, one.identity),
  );
  const rows = writes.map(one => operationRow(one, timeZone));
  // A plan concerns many guests: it is listed in the full history, and in that of each guest in its steps.
  if (type !== undefined || node !== undefined) return rows;
  const about = new Set((await plansOf(store, plans, events)).filter(isAbout(resource)).map(({ id }) => id));
  return [
    ...rows,
    ...plans.filter(one => about.has(one.id) && isAsked(one.asker)).map(one => planRow(one, timeZone)),
    ...events.filter(one => about.has(one.plan) && isAsked(one.who)).map(one => eventRow(one, timeZone)),
  ];
}

function isAbout(resource: string | undefined) {
  return ({ steps }: PlanEntity) => resource === undefined || steps.some(step => step.resource === resource);
}

/** The plans made in a span, and older ones with events in it. */
async function plansOf(
  store: Pick<StoreReader, 'plans'>,
  plans: readonly PlanEntity[],
  events: readonly PlanEventEntity[],
): Promise<PlanEntity[]> {
  const known = new Set(plans.map(({ id }) => id));
  const older = [...new Set(events.map(({ plan }) => plan))].filter(id => !known.has(id));
  return [...plans, ...(older.length === 0 ? [] : await store.plans({ ids: older }))];
}

function planRow({ id, createdAt, asker, steps, usedAt, outcome }: PlanEntity, timeZone: string): DatedRow {
  const guests = [...new Set(steps.map(step => step.resource))];
  const row = {
    change: 'planned',
    plan: id,
    at: formatTime(createdAt, timeZone),
    user: clusterText(asker, 200),
    steps: steps.length,
    guests: guests.slice(0, NAMED),
    more_guests: guests.length > NAMED ? guests.length - NAMED : null,
    outcome: outcome ?? (usedAt === null ? null : 'being carried out'),
  };
  return { at: createdAt, order: 0, row };
}

function eventRow(event: PlanEventEntity, timeZone: string): DatedRow {
  const { id, plan, at, type, who, how, facts } = event;
  const row = {
    change: type,
    plan,
    at: formatTime(at, timeZone),
    user: clusterText(who, 200),
    how,
    outcome: typeof facts['outcome'] === 'string' ? facts['outcome'] : null,
    why: reasonsIn(facts['refusals'] ?? facts['stopped']),
  };
  // At the same moment: approved, written, ended.
  return { at, order: (type === 'ended' ? 3 : 1) + id / MAX_INT, row };
}

function reasonsIn(reasons: JsonValue | undefined): string | null {
  if (!Array.isArray(reasons) || reasons.length === 0) return null;
  const texts = reasons.slice(0, NAMED).map(one => String((one as { what?: unknown }).what ?? ''));
  return clusterText(texts.join(' '), 600);
}

function operationRow(operation: OperationEntity, timeZone: string): DatedRow {
  const { id, plan, resource, node, kind, sentAt, state, identity, asker, why, paths, takesBack } = operation;
  const row = {
    operation: id,
    plan,
    takes_back: takesBack,
    resource,
    node,
    type: kind,
    at: formatTime(sentAt, timeZone),
    user: clusterText(identity, 120),
    asker: clusterText(asker, 200),
    why: why === null ? null : clusterText(why, 300),
    status: state,
    paths: paths.slice(0, 20).map(path => clusterText(path, 120)),
    live_differs: operation.liveDiffers || null,
  };
  return { at: sentAt, order: 2 + Number(id.split('.')[1]) / MAX_INT, row };
}

/** The results of a plan: of each step, once it was begun, and its events as rows of history, oldest first. */
export async function becameOf(
  plan: PlanEntity,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<{ results: StepResult[]; events: Row[] }> {
  const [events, operations] = await Promise.all([
    store.planEvents({ plan: plan.id }),
    store.operations({ plan: plan.id }),
  ]);
  const stopped = events.flatMap(({ facts }) => (facts['stopped'] ?? []) as ApplyRefusal[]);
  const results = operations.length === 0 ? [] : stepResults(plan, operations, stopped);
  return { results, events: events.map(event => eventRow(event, timeZone).row) };
}
