import { isDeepStrictEqual } from 'node:util';
import type { FieldChange } from '../model/change.ts';
import { isPlainPart } from '../model/property-string.ts';
import type { JsonObject, JsonValue } from '../model/state.ts';
import { holdsOlderSeal } from '../text/seal.ts';

/** Parts of a state that come from separate facets: absent on one side means not read then, not changed. */
const FACET_PARTS = ['config', 'pending', 'snapshots', 'options'] as const;

/**
 * The fields in which two states differ, by dotted path in alphabetical order; lists are compared as a whole. A part that one
 * side never knew is left out, since knowledge gained is not a change. So is a text that an older version sealed: what it was is
 * no longer known.
 */
export function diffStates(before: object, after: object): FieldChange[] {
  const [old, now] = [{ ...before } as JsonObject, { ...after } as JsonObject];
  for (const part of FACET_PARTS) {
    if (old[part] !== undefined && now[part] !== undefined) continue;
    delete old[part];
    delete now[part];
  }
  const [from, to] = [flatten(old), flatten(now)];
  const changes: FieldChange[] = [];
  for (const path of new Set([...from.keys(), ...to.keys()])) {
    const [a, b] = [from.get(path) ?? null, to.get(path) ?? null];
    if (isDeepStrictEqual(a, b) || (b !== null && holdsOlderSeal(a))) continue;
    changes.push({ path, from: a, to: b });
  }
  return changes.sort((x, y) => (x.path < y.path ? -1 : 1));
}

/** The leaves of nested objects by dotted path; lists count as leaves, as does null, which means absence. */
function flatten(
  value: JsonObject,
  prefix = '',
  into = new Map<string, JsonValue>(),
): Map<string, JsonValue> {
  for (const [key, child] of Object.entries(value)) {
    const path = prefix === '' ? key : isPlainPart(prefix, key) ? prefix : `${prefix}.${key}`;
    if (typeof child === 'object' && child !== null && !Array.isArray(child)) flatten(child, path, into);
    else into.set(path, child);
  }
  return into;
}
