import type { FieldFinding, ResourceFinding } from '../../desired/comparison.ts';
import { concerns, type Trace, traceOf } from '../../desired/trace.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { StepAuthors } from '../../model/plan.ts';
import { parseKey, versionKey } from '../../model/resource.ts';
import { type Caused, findAuthors } from '../changes/causes.ts';
import { unknownText } from '../changes/unknown-author.ts';
import { clusterText } from '../format/text.ts';

/** Authors named per field. */
const NAMED_AT_MOST = 5;

/** Fields made what they are by the same steps; `declaredAt` is when they were declared (ms). */
export interface Group {
  trace: Trace;
  fields: FieldFinding[];
  declaredAt: number;
}

/** Who made the fields what they are that a plan would change, by resource and path (`authorsKey`). */
export async function fieldAuthors(
  findings: readonly ResourceFinding[],
  store: ToolContext['store'],
): Promise<Map<string, StepAuthors>> {
  const recorded = findings.filter(({ fields }) => fields.some(hasHistory));
  if (recorded.length === 0) return new Map();
  const steps = Map.groupBy(
    await store.steps({ resources: recorded.map(({ subject }) => parseKey(subject.resource)) }),
    versionKey,
  );
  const caused = recorded.flatMap(finding => {
    const { subject, fields } = finding;
    const mine = (steps.get(subject.resource) ?? []).filter(step => step.incarnation === subject.incarnation);
    return fields.filter(hasHistory).flatMap(field => {
      const trace = lastTrace(traceOf(field, subject, mine, Number.POSITIVE_INFINITY), field, mine);
      const change = causedOf({ trace, fields: [field], declaredAt: 0 }, finding);
      return change === null ? [] : [{ key: authorsKey(subject.resource, plain(field)), change }];
    });
  });
  const authors = await findAuthors(
    caused.map(({ change }) => change),
    store,
  );
  return new Map(
    caused.map(({ key, change: { at } }, place) => {
      const { causes, unknown } = authors[place]!;
      const why = unknownText(unknown, false);
      const named = causes.slice(-NAMED_AT_MOST).map(({ user, type }) => ({
        user: clusterText(user, 100),
        type: clusterText(type, 80),
      }));
      return [key, { at, causes: named, ...(why !== null && { whyUnknown: why }) }];
    }),
  );
}

/** The key of `fieldAuthors`. */
export function authorsKey(resource: string, path: string): string {
  return `${resource} ${path}`;
}

/** Whether the field has a value that somebody made: not if it is unknown or disputed. */
function hasHistory({ state, path }: FieldFinding): boolean {
  return state !== 'unseen' && state !== 'conflict' && path !== 'snapshots';
}

/** The last change of the field, if it never had the value it is to get. */
function lastTrace(trace: Trace, field: FieldFinding, steps: Parameters<typeof traceOf>[2]): Trace {
  if (trace.steps.length > 0) return trace;
  const last = steps.findLast(
    step => step.change === 'updated' && step.fields.some(({ path }) => concerns(plain(field), path)),
  );
  return last === undefined ? trace : { steps: [last], how: 'changed' };
}

/** The change that made a group of fields what they are, to find its causes; null if there was none. */
export function causedOf(
  { trace: { steps, how }, fields }: Group,
  { subject }: ResourceFinding,
): Caused | null {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return null;
  const moved = steps.flatMap(step =>
    step.fields.filter(({ path }) => fields.some(field => concerns(plain(field), path))),
  );
  return {
    key: parseKey(subject.resource),
    node: subject.node,
    seq: last.seq,
    at: last.at,
    facet: last.facet,
    change: how === 'created' ? 'created' : 'updated',
    fields: how === 'created' ? [] : [...new Map(moved.map(field => [field.path, field])).values()],
    windowAfter: first.windowAfter,
    windowBefore: last.windowBefore,
    steps,
  };
}

/** A field's path, without the sign of a declaration of single members. */
export function plain({ path }: Pick<FieldFinding, 'path'>): string {
  return path.replace(/[+-]$/, '');
}
