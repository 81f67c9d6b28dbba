import { isDeepStrictEqual } from 'node:util';
import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type { ChangeType, FieldChange } from '../../src/model/change.ts';
import { isTimePath } from '../../src/model/fields.ts';
import { formatKey, isGuestType, type ResourceKey } from '../../src/model/resource.ts';
import type { ResourceSpan } from '../../src/model/store.ts';
import { CAUSE_SLACK_MS, type Cause, causesOf } from '../../src/state/causes.ts';
import { formatTime } from '../../src/state/moment.ts';
import { clusterText, SECRET, SECRET_CHANGED, stateValue } from './text.ts';

/** A change as history or a comparison found it. */
export interface ChangeFacts {
  key: ResourceKey;
  name: string | null;
  node: string | null;
  change: ChangeType;
  at: number;
  windowAfter: number | null;
  windowBefore: number;
  fields: FieldChange[];
  /** The windows of the steps it sums up, where it sums up several: only what ran in one of them can be a cause. */
  windows?: Window[];
}

interface Window {
  windowAfter: number | null;
  windowBefore: number;
}

/** Fields shown of one change; a rewritten guest may have hundreds. */
const FIELDS_AT_MOST = 40;
/** Tasks looked through of one span of time, causes shown of one change: the latest, since they left it as it is. */
const TASKS_AT_MOST = 2_000;
const CAUSES_AT_MOST = 10;

/** Changes as answers show them, each with the tasks and log lines that brought it about. */
export async function changeRows(
  changes: ChangeFacts[],
  context: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Row[]> {
  const causes = await findCauses(changes, context.store);
  return changes.map((change, index) => {
    const { key, name, node, fields } = change;
    const time = (at: number | null) => (at === null ? null : formatTime(at, context.timeZone));
    return {
      resource: formatKey(key),
      name: name !== null && name !== key.id ? clusterText(name, 80) : null,
      node: node !== key.id ? node : null,
      change: change.change,
      at: time(change.at),
      window: { after: time(change.windowAfter), before: time(change.windowBefore) },
      fields:
        fields.length === 0
          ? null
          : fields.slice(0, FIELDS_AT_MOST).map(field => fieldRow(field, context.timeZone)),
      more_fields: fields.length > FIELDS_AT_MOST ? fields.length - FIELDS_AT_MOST : null,
      causes: causes[index]!.length > 0 ? causes[index]!.slice(-CAUSES_AT_MOST).map(causeRow) : null,
      more_causes: causes[index]!.length > CAUSES_AT_MOST ? causes[index]!.length - CAUSES_AT_MOST : null,
    };
  });
}

/** Says that two texts differ where an answer shows nothing: in characters that are not seen, or beyond what is shown. */
const UNSHOWN = ' (differs in what is not shown)';

function fieldRow({ path, from, to }: FieldChange, timeZone: string): Row {
  if (isTimePath(path))
    return { path: clusterText(path, 120), from: time(from, timeZone), to: time(to, timeZone) };
  const known = new Set<string>();
  const before = (limit?: number) =>
    stateValue(path, from, limit, secret => {
      known.add(secret);
      return SECRET;
    });
  const after = (limit?: number) =>
    stateValue(path, to, limit, secret => (known.size === 0 || known.has(secret) ? SECRET : SECRET_CHANGED));
  const row = { path: clusterText(path, 120), from: before(), to: after() };
  if (!isDeepStrictEqual(row.from, row.to) || isDeepStrictEqual(from, to)) return row;
  const [a, b] = differingParts(String(before(COMPARED_AT_MOST)), String(after(COMPARED_AT_MOST)));
  return a === b ? { ...row, to: `${row.to}${UNSHOWN}` } : { ...row, from: `…${a}`, to: `…${b}` };
}

/** As much of two masked texts is compared where they begin alike (characters). */
const COMPARED_AT_MOST = 100_000;

function time(value: unknown, timeZone: string): unknown {
  return typeof value === 'number' ? formatTime(value, timeZone) : value;
}

/** Both texts from shortly before the first difference on. */
function differingParts(a: string, b: string): [string, string] {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const start = Math.max(0, at - 40);
  return [clusterText(a.slice(start)), clusterText(b.slice(start))];
}

function causeRow(cause: Cause): Row {
  return {
    ...cause,
    type: clusterText(cause.type, 200),
    user: clusterText(cause.user, 100),
    ...(cause.status !== undefined && { status: clusterText(cause.status, 120) }),
  };
}

/** The time that windows cover, widened by the slack: those that meet are one span. */
function spansOf(resource: ResourceKey, windows: Window[]): ResourceSpan[] {
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

/** The causes of each change: what ran in its windows, asked for all of them at once. */
export async function findCauses(
  changes: readonly ChangeFacts[],
  store: ToolContext['store'],
): Promise<Cause[][]> {
  const caused = changes.map(change => isGuestType(change.key.type) && change.change !== 'discovered');
  const windowsOf = (change: ChangeFacts) => change.windows ?? [change];
  const spans = changes.flatMap((change, index) =>
    caused[index] ? spansOf(change.key, windowsOf(change)) : [],
  );
  const [tasks, lines] = await Promise.all([
    store.tasksWithin(spans, TASKS_AT_MOST),
    store.logLinesWithin(spans),
  ]);
  const tasksOf = Map.groupBy(tasks, task => `${task.resourceType}/${task.resourceId}`);
  const linesOf = Map.groupBy(lines, line => String(line.vmid));
  return changes.map((change, index) => {
    if (!caused[index]) return [];
    const [ran, said] = [tasksOf.get(formatKey(change.key)) ?? [], linesOf.get(change.key.id) ?? []];
    if (ran.length === 0 && said.length === 0) return [];
    const found = windowsOf(change).flatMap(window => causesOf(window, ran, said));
    const once = new Map(found.map(cause => [cause.upid ?? `${cause.user} ${cause.type}`, cause]));
    return [...once.values()];
  });
}
