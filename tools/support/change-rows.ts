import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type { ChangeType, FieldChange } from '../../src/model/change.ts';
import { isTimePath } from '../../src/model/fields.ts';
import { formatKey, isGuestType, type ResourceKey } from '../../src/model/resource.ts';
import { CAUSE_SLACK_MS, type Cause, causesOf } from '../../src/state/causes.ts';
import { formatTime } from '../../src/state/moment.ts';
import { clusterText, SECRET, stateValue } from './text.ts';

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
  windows?: { windowAfter: number | null; windowBefore: number }[];
}

/** Fields shown of one change; a rewritten guest may have hundreds. */
const FIELDS_AT_MOST = 40;
/** Causes looked through and shown of one change. */
const TASKS_AT_MOST = 200;
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
      causes: causes[index]!.length > 0 ? causes[index]!.map(causeRow) : null,
    };
  });
}

function fieldRow({ path, from, to }: FieldChange, timeZone: string): Row {
  const show = (value: unknown) =>
    isTimePath(path) && typeof value === 'number' ? formatTime(value, timeZone) : stateValue(path, value);
  const [before, after] = [show(from), show(to)];
  const row = { path: clusterText(path, 120), from: before, to: after };
  if (typeof from !== 'string' || typeof to !== 'string' || before !== after || before === SECRET) return row;
  // Long texts that differ beyond what is shown: show where they differ.
  const start = Math.max(0, firstDifference(from, to) - 40);
  return {
    ...row,
    from: `…${stateValue(path, from.slice(start))}`,
    to: `…${stateValue(path, to.slice(start))}`,
  };
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function causeRow(cause: Cause): Row {
  return {
    ...cause,
    type: clusterText(cause.type, 200),
    user: clusterText(cause.user, 100),
    ...(cause.status !== undefined && { status: clusterText(cause.status, 120) }),
  };
}

async function findCauses(changes: ChangeFacts[], store: ToolContext['store']): Promise<Cause[][]> {
  return Promise.all(
    changes.map(async change => {
      if (!isGuestType(change.key.type) || change.change === 'discovered') return [];
      const since = (change.windowAfter ?? change.windowBefore) - CAUSE_SLACK_MS;
      const until = change.windowBefore + CAUSE_SLACK_MS;
      const page = { limit: TASKS_AT_MOST };
      const [tasks, log] = await Promise.all([
        store.tasks({ resource: change.key, since, until }, { by: 'startTime', order: 'asc' }, page),
        store.logLines({ vmid: Number(change.key.id), since, until }),
      ]);
      const found = (change.windows ?? [change]).flatMap(window => causesOf(window, tasks.rows, log));
      const once = new Map(found.map(cause => [cause.upid ?? `${cause.user} ${cause.type}`, cause]));
      return [...once.values()].slice(0, CAUSES_AT_MOST);
    }),
  );
}
