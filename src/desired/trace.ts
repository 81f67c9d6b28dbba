import type { Step } from '../model/change.ts';
import { type JsonValue, PENDING_DELETION } from '../model/state.ts';
import { type FieldFinding, isMet } from './comparison.ts';
import type { Subject } from './subject.ts';
import { leafOf } from './value.ts';

/** What history shows about a drift: the steps that led to the field's present value, oldest first. */
export interface Trace {
  steps: Step[];
  /**
   * `changed`: these steps moved it away from the declared value, or changed it after that was declared. `created`: the resource
   * was created like this after the declaration. `declared`: it was like this when it was declared.
   */
  how: 'changed' | 'created' | 'declared';
}

/**
 * Follows a field back from its present value to where it was last as declared. `steps` are all steps of this life of the
 * resource up to the present, oldest first; `declaredAt` is when its value was declared (ms).
 */
export function traceOf(
  finding: FieldFinding,
  subject: Subject,
  steps: readonly Step[],
  declaredAt: number,
): Trace {
  const field = finding.path.replace(/[+-]$/, '');
  const leaves = presentLeaves(subject, field);
  const touched: Step[] = [];
  for (const step of steps.toReversed()) {
    const mine = step.fields.filter(({ path }) => concerns(field, path));
    if (mine.length === 0) continue;
    touched.unshift(step);
    for (const { path, from } of mine) leaves.set(path, from);
    // Only the running value differs: the author is whoever set the pending one.
    if (finding.state === 'pending') return { steps: touched, how: 'changed' };
    if (isMet(subject, finding.path, finding.declared, valueOfLeaves(leaves, field)))
      return { steps: touched, how: 'changed' };
  }
  const since = touched.filter(step => step.windowBefore > declaredAt);
  if (since.length > 0) return { steps: since, how: 'changed' };
  const [birth] = steps;
  const born = birth?.change === 'created' && birth.windowBefore > declaredAt;
  return born ? { steps: [birth], how: 'created' } : { steps: [], how: 'declared' };
}

/** Whether a change at this path concerns the field: its value, or its pending value. */
export function concerns(field: string, path: string): boolean {
  if (path === field || path.startsWith(`${field}.`)) return true;
  const key = keyOf(field);
  return (
    key !== null &&
    (path === `config.${key}` || path === `pending.${key}` || path.startsWith(`pending.${key}.`))
  );
}

function keyOf(field: string): string | null {
  return field.startsWith('config.') ? field.split('.')[1]! : null;
}

/** The leaves of a field's key, by their paths in history. */
function presentLeaves(subject: Subject, field: string): Map<string, JsonValue> {
  const key = keyOf(field);
  if (key === null) return new Map([[field, subject.own[field] ?? null]]);
  const leaves = new Map<string, JsonValue>();
  for (const [part, value] of [
    ['config', subject.config?.[key]],
    ['pending', subject.pending?.[key]],
  ] as const) {
    if (value === undefined || value === null) continue;
    const whole = leafOf(value, undefined);
    if (typeof whole !== 'object' || whole === null || Array.isArray(whole))
      leaves.set(`${part}.${key}`, whole);
    else for (const [name, one] of Object.entries(whole)) leaves.set(`${part}.${key}.${name}`, one);
  }
  return leaves;
}

function valueOfLeaves(leaves: ReadonlyMap<string, JsonValue>, field: string): JsonValue {
  const key = keyOf(field);
  if (key === null) return leaves.get(field) ?? null;
  const part = field.split('.')[2];
  const waiting = gather(leaves, `pending.${key}`);
  if (waiting === PENDING_DELETION) return null;
  return leafOf(waiting ?? gather(leaves, `config.${key}`), part);
}

function gather(leaves: ReadonlyMap<string, JsonValue>, path: string): JsonValue {
  const whole = leaves.get(path) ?? null;
  if (whole !== null) return whole;
  const parts = [...leaves].filter(([one, value]) => one.startsWith(`${path}.`) && value !== null);
  return parts.length === 0
    ? null
    : Object.fromEntries(parts.map(([one, value]) => [one.slice(path.length + 1), value]));
}
