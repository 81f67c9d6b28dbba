import { isDeepStrictEqual } from 'node:util';
import type { Cause } from '../../history/acts.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { FieldChange } from '../../model/change.ts';
import { isTimePath } from '../../model/fields.ts';
import { formatKey } from '../../model/resource.ts';
import { clusterText, SECRET, SECRET_CHANGED, stateValue } from '../format/text.ts';
import { type Caused, findAuthors } from './causes.ts';
import { unknownText } from './unknown-author.ts';

/** A change as history or a comparison found it. */
export interface ChangeFacts extends Caused {
  name: string | null;
}

/** Fields shown per change; a rewritten guest may have hundreds. */
const FIELDS_AT_MOST = 40;
/** Causes shown per change: the latest, which left it as it is. */
const CAUSES_AT_MOST = 10;

/**
 * Changes as answers show them, each with the tasks and log lines that caused it. `touches` limits each change to the fields
 * asked for and to what caused those.
 */
export async function changeRows(
  changes: ChangeFacts[],
  context: Pick<ToolContext, 'store' | 'timeZone'>,
  touches: (path: string) => boolean = () => true,
): Promise<Row[]> {
  const authors = await findAuthors(changes, context.store);
  return changes.map((change, index) => {
    const { key, name, node } = change;
    const fields = change.fields.filter(({ path }) => touches(path));
    const isWhole = fields.length === change.fields.length;
    const causes = authors[index]!.causes.filter(cause => isWhole || cause.fields?.some(touches) !== false);
    const unknown = authors[index]!.unknown.filter(one => isWhole || one.paths.some(touches));
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
      causes: change.change === 'discovered' ? null : causes.slice(-CAUSES_AT_MOST).map(causeRow),
      more_causes: causes.length > CAUSES_AT_MOST ? causes.length - CAUSES_AT_MOST : null,
      why_unknown: unknownText(unknown, causes.length > 0),
    };
  });
}

/** Said where two texts look the same in an answer but differ in invisible characters, or beyond what is shown. */
const UNSHOWN = ' (differs in what is not shown)';

/** A field as answers show it: times in the time zone, secrets masked on both sides but marked where they differ. */
export function fieldRow({ path, from, to }: FieldChange, timeZone: string): Row {
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

/** How much of two masked texts is compared when their beginnings are alike (characters). */
const COMPARED_AT_MOST = 100_000;

function time(value: unknown, timeZone: string): unknown {
  return typeof value === 'number' ? formatTime(value, timeZone) : value;
}

/** Both texts from shortly before their first difference. */
function differingParts(a: string, b: string): [string, string] {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const start = Math.max(0, at - 40);
  return [clusterText(a.slice(start)), clusterText(b.slice(start))];
}

/** A cause as answers show it. */
export function causeRow(cause: Cause): Row {
  return {
    ...cause,
    type: clusterText(cause.type, 200),
    user: clusterText(cause.user, 100),
    ...(cause.status !== undefined && { status: clusterText(cause.status, 120) }),
    ...(cause.asker !== undefined && { asker: clusterText(cause.asker, 200) }),
    ...(cause.why !== undefined && { why: clusterText(cause.why, 300) }),
    ...(cause.fields !== undefined && {
      fields: cause.fields.slice(0, FIELDS_AT_MOST).map(path => clusterText(path, 120)),
    }),
  };
}
