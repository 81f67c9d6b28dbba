import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type { ChangeType, FieldChange } from '../../src/model/change.ts';
import type { TaskEntity } from '../../src/model/entity.ts';
import { isTimePath } from '../../src/model/fields.ts';
import { formatKey, isGuestType, type ResourceKey } from '../../src/model/resource.ts';
import { CAUSE_SLACK_MS, type Cause, causesOf } from '../../src/state/causes.ts';
import { formatTime } from '../../src/state/moment.ts';
import { clusterText, stateValue } from './text.ts';

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
}

/** Fields shown of one change; a rewritten guest may have hundreds. */
const FIELDS_AT_MOST = 40;

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
  return { path: clusterText(path, 120), from: show(from), to: show(to) };
}

function causeRow(cause: Cause): Row {
  return {
    ...cause,
    type: clusterText(cause.type, 200),
    ...(cause.status !== undefined && { status: clusterText(cause.status, 120) }),
  };
}

async function findCauses(changes: ChangeFacts[], store: ToolContext['store']): Promise<Cause[][]> {
  return Promise.all(
    changes.map(async change => {
      if (!isGuestType(change.key.type) || change.change === 'discovered') return [];
      const since = (change.windowAfter ?? change.windowBefore) - CAUSE_SLACK_MS;
      const until = change.windowBefore + CAUSE_SLACK_MS;
      const page = { limit: 20 };
      const [tasks, log] = await Promise.all([
        store.tasks({ resource: change.key, since, until }, { by: 'startTime', order: 'asc' }, page),
        store.logLines({ vmid: Number(change.key.id), since, until }),
      ]);
      return causesOf(change, tasks.rows as TaskEntity[], log);
    }),
  );
}
