import { CAUSE_SLACK_MS, type Cause, type Seen } from '../../history/acts.ts';
import { causesOf, sameField, withFields } from '../../history/causes.ts';
import { elsewhereOf, elsewhereTypes } from '../../history/elsewhere.ts';
import { type Unknown, whyUnknown } from '../../history/unknown-author.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Step } from '../../model/change.ts';
import type { LogLineEntity, TaskEntity } from '../../model/entity.ts';
import type { ResourceSpan } from '../../model/filter.ts';
import type { OperationEntity } from '../../model/operation.ts';
import { formatKey, isGuestType, type ResourceKey, taskKey, versionKey } from '../../model/resource.ts';
import { parseTrail, TRAIL_NOTE, trailAt } from '../../model/trail.ts';

/** A change to explain: one version, or several combined, of which `steps` are the separate versions. */
export interface Caused extends Seen {
  key: ResourceKey;
  node: string | null;
  seq: number;
  at: number;
  steps?: readonly Step[];
}

/** Who did it, and why nobody is named for the rest. */
export interface Authorship {
  causes: Cause[];
  unknown: Unknown[];
}

type Store = ToolContext['store'];

/** Most tasks read for one span of time. */
const TASKS_AT_MOST = 2_000;
/** Resources whose earlier changes are read in one query. */
const BATCH = 200;
/** How much earlier the search begins (ms): a change is recorded by our clock and dated by the cluster's. */
const RECORDED_SLACK_MS = 600_000;
/** How long a write may still take effect after it was sent (ms). */
const OPERATION_AT_MOST_MS = 900_000;

/** Who made each change, in the order of `changes`. What was there at first sight has no author. */
export async function findAuthors(changes: readonly Caused[], store: Store): Promise<Authorship[]> {
  const around = await readAround(changes, store);
  return changes.map(change =>
    change.change === 'discovered' ? { causes: [], unknown: [] } : authorsOf(change, around),
  );
}

/** Everything that is read to explain a list of changes. */
interface Around {
  tasksOf: ReadonlyMap<string | null, TaskEntity[]>;
  linesOf: ReadonlyMap<string, LogLineEntity[]>;
  operationsOf: ReadonlyMap<string, OperationEntity[]>;
  elsewhere: readonly TaskEntity[];
  earlierOf: ReadonlyMap<string, Step[]>;
  outages: ReadonlyMap<string, Step[]>;
  trail: ReturnType<typeof parseTrail>;
}

function authorsOf(change: Caused, around: Around): Authorship {
  const { key, fields } = change;
  const tasks = around.tasksOf.get(formatKey(key)) ?? [];
  const lines = isGuestType(key.type) ? (around.linesOf.get(key.id) ?? []) : [];
  const operations = around.operationsOf.get(formatKey(key)) ?? [];
  const found = new Map<string, { cause: Cause; at: number; paths: Set<string> }>();
  const paths = change.change === 'updated' ? fields.map(field => field.path) : [change.change];
  const open = new Set(paths);
  const trail = trailAt(around.trail, change.seq);
  const complete = trail !== null && trail.tasks === 'all' && trail.unread.length === 0;
  const places = placesOf(change);
  const outagesOf = (node: string, when: Seen) =>
    (around.outages.get(node) ?? []).filter(one => meets(one, when));
  let ambiguous = false;
  for (const step of stepsOf(change)) {
    const earlier = (around.earlierOf.get(formatKey(key)) ?? []).filter(one => one.seq < step.seq);
    const others = elsewhereOf({ ...step, key }, around.elsewhere, complete);
    ambiguous ||= others.ambiguous;
    // Where tasks are missing, one of them may have ended the life that a restore then seems to have replaced.
    const beside = (around.earlierOf.get(formatKey(key)) ?? []).filter(
      one =>
        one.seq === step.seq &&
        (one.change === 'updated'
          ? one.windowAfter !== step.windowAfter
          : complete && one.change !== step.change),
    );
    const seen = { ...step, outage: places.some(node => outagesOf(node, step).some(isOutage)) };
    const attribution = causesOf(seen, tasks, lines, earlier, others.claims, operations, beside);
    const { causes, began, unexplained } = attribution;
    const stepPaths = step.change === 'updated' ? step.fields.map(field => field.path) : [step.change];
    for (const [index, cause] of causes.entries()) {
      const explained = cause.fields ?? stepPaths.filter(path => !unexplained.includes(path));
      // A pending value and the value in force count as one field only if they changed in different looks.
      const mine = paths.filter(path =>
        explained.some(one => one === path || (!stepPaths.includes(path) && sameField(one, path))),
      );
      if (mine.length === 0) continue;
      const id = cause.upid ?? `${cause.user} ${cause.type} ${cause.plan}`;
      const entry = found.get(id) ?? { cause, at: began[index]!, paths: new Set() };
      for (const path of mine) {
        entry.paths.add(path);
        open.delete(path);
      }
      found.set(id, entry);
    }
  }
  const unknown = whyUnknown([...open], {
    type: key.type,
    change: change.change,
    trail,
    places,
    down: new Set(places.filter(node => outagesOf(node, change).some(isOutage))),
    left: new Set(places.filter(node => outagesOf(node, change).some(step => step.change === 'deleted'))),
    ambiguous,
  });
  const oldestFirst = [...found.values()].sort((a, b) => a.at - b.at);
  const causes = oldestFirst.map(({ cause, paths: explained }) =>
    withFields(cause, [...explained], paths.length),
  );
  return { causes, unknown };
}

/** The nodes a guest was on within a change's window. */
function placesOf({ node, fields }: Caused): string[] {
  const moved = fields.flatMap(({ path, from, to }) => (path === 'node' ? [from, to] : []));
  return [...new Set([node, ...moved].filter(one => typeof one === 'string'))];
}

/** Whether a node's change falls into another change's window. */
function meets(step: Step, change: Seen): boolean {
  const from = change.windowAfter ?? change.windowBefore;
  return (
    step.windowBefore >= from - CAUSE_SLACK_MS &&
    (step.windowAfter ?? step.windowBefore) <= change.windowBefore
  );
}

/** A node that booted anew was down before, whether anybody saw it so or not. */
function isOutage({ fields }: Step): boolean {
  return fields.some(
    ({ path, from, to }) =>
      path === 'started_at' || (path === 'status' && (from === 'offline' || to === 'offline')),
  );
}

function stepsOf(change: Caused): readonly (Seen & { seq: number })[] {
  return change.steps ?? [change];
}

async function readAround(changes: readonly Caused[], store: Store): Promise<Around> {
  const caused = changes.filter(change => change.change !== 'discovered');
  const guests = caused.filter(({ key }) => isGuestType(key.type));
  const spans = guests.flatMap(change => spansOf(change.key, stepsOf(change)));
  const types = elsewhereTypes(caused);
  const [tasks, lines, operations, elsewhere, trail, earlier, outages] = await Promise.all([
    store.tasksWithin(spans, TASKS_AT_MOST),
    store.logLinesWithin(spans),
    operationsWithin(spans, store),
    types.length === 0 ? [] : tasksElsewhere(types, caused, store),
    store.note(TRAIL_NOTE),
    earlierSteps(guests, store),
    nodeSteps(guests, store),
  ]);
  return {
    tasksOf: Map.groupBy(tasks, taskKey),
    linesOf: Map.groupBy(lines, line => String(line.vmid)),
    operationsOf: Map.groupBy(operations, operation => operation.resource),
    elsewhere,
    earlierOf: Map.groupBy(earlier, versionKey),
    outages: Map.groupBy(outages, step => step.resourceId),
    trail: parseTrail(trail),
  };
}

/** The times that windows cover, widened by the slack; overlapping ones are merged. */
function spansOf(resource: ResourceKey, windows: readonly Seen[]): ResourceSpan[] {
  const spans: ResourceSpan[] = [];
  const widened = windows.map(({ windowAfter, windowBefore }) => ({
    resource,
    since: (windowAfter ?? windowBefore) - CAUSE_SLACK_MS,
    until: windowBefore + CAUSE_SLACK_MS,
  }));
  for (const span of widened.sort((a, b) => a.since - b.since)) {
    const before = spans.at(-1);
    if (before === undefined || before.until < span.since) spans.push(span);
    else before.until = Math.max(before.until, span.until);
  }
  return spans;
}

/** Our own writes from first to last of these spans: there are few. */
async function operationsWithin(spans: readonly ResourceSpan[], store: Store): Promise<OperationEntity[]> {
  if (spans.length === 0) return [];
  const since = Math.min(...spans.map(span => span.since)) - OPERATION_AT_MOST_MS;
  return store.operations({ since, until: Math.max(...spans.map(span => span.until)) });
}

async function tasksElsewhere(
  types: string[],
  changes: readonly Caused[],
  store: Store,
): Promise<TaskEntity[]> {
  const windows = changes.flatMap(stepsOf);
  const since = Math.min(...windows.map(one => one.windowAfter ?? one.windowBefore)) - CAUSE_SLACK_MS;
  const until = Math.max(...windows.map(one => one.windowBefore)) + CAUSE_SLACK_MS;
  const newest = { by: 'startTime', order: 'desc' } as const;
  return (await store.tasks({ types, since, until }, newest, { limit: TASKS_AT_MOST })).rows;
}

/** The changes before these, back to where their windows begin: what is already recorded did not happen again. */
async function earlierSteps(changes: readonly Caused[], store: Store): Promise<Step[]> {
  return readSteps(changes, [...new Map(changes.map(({ key }) => [formatKey(key), key])).values()], store);
}

/** The changes of the nodes that these guests were on. */
async function nodeSteps(changes: readonly Caused[], store: Store): Promise<Step[]> {
  const power = changes.filter(
    ({ change, fields }) =>
      change === 'deleted' ||
      fields.some(({ path }) => path === 'status' || path === 'started_at' || path === 'node'),
  );
  const nodes = new Set(power.flatMap(placesOf));
  return readSteps(
    power,
    [...nodes].map(id => ({ type: 'node' as const, id })),
    store,
  );
}

async function readSteps(
  changes: readonly Caused[],
  resources: readonly ResourceKey[],
  store: Store,
): Promise<Step[]> {
  const reach = changes.flatMap(change =>
    stepsOf(change).map(one => change.at - (change.windowBefore - (one.windowAfter ?? one.windowBefore))),
  );
  const since = Math.min(...reach) - RECORDED_SLACK_MS;
  const steps: Step[] = [];
  for (let start = 0; start < resources.length; start += BATCH) {
    const some = resources.slice(start, start + BATCH);
    steps.push(...(await store.steps({ resources: some, since })));
  }
  return steps;
}
