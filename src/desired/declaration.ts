import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';
import {
  CHECK_PATH,
  type Declaration,
  type DeclaredFields,
  type Exception,
  type Rule,
  type Selector,
} from '../model/declaration.ts';
import type { JsonValue } from '../model/state.ts';
import { quoted } from '../text/cluster-text.ts';
import { expectedOf, ruleFinder } from './expected.ts';
import { shortPath, typesOf } from './fields.ts';
import { rankOf, selectorId, widerThan, writtenOut } from './selector.ts';
import type { Subject } from './subject.ts';
import { sameValue } from './value.ts';

/** The empty declaration. */
export const NOTHING_DECLARED: Declaration = { rules: [], exceptions: [] };

/** The declaration with these fields in the selector's rule, replacing what it declared about them before. */
export function withFields(declaration: Declaration, match: Selector, fields: DeclaredFields): Declaration {
  const id = selectorId(match);
  const before = declaration.rules.find(rule => rule.id === id);
  const others = declaration.rules.filter(one => one.id !== id);
  return { ...declaration, rules: sorted([...others, ruleWith(before, match, fields)]) };
}

/** The rule of a selector with these fields: what it said of them before, where there was one, is replaced. */
export function ruleWith(before: Rule | undefined, match: Selector, fields: DeclaredFields): Rule {
  const kept = Object.fromEntries(
    Object.entries(before?.fields ?? {}).flatMap(([path, value]) => {
      const left = withoutReplaced(path, value, fields);
      return left === undefined ? [] : [[path, left]];
    }),
  );
  return { id: selectorId(match), match, fields: merged(kept, fields), since: { ...before?.since } };
}

/** A declaration in the order in which all are kept: rules by their selectors, exceptions by what they are about. */
export function inOrder({ rules, exceptions }: Declaration): Declaration {
  return { rules: sorted(rules), exceptions: sortedExceptions(exceptions) };
}

/** What remains of an earlier claim beside new ones of the same rule; undefined where nothing does. */
function withoutReplaced(path: string, value: JsonValue, fields: DeclaredFields): JsonValue | undefined {
  if (Object.hasOwn(fields, path) && !/[+-]$/.test(path)) return undefined;
  const key = path.replace(/[+-]$/, '');
  // A list is declared as a whole or by its members, and a key that must be absent has no parts.
  if (key !== path && Object.hasOwn(fields, key)) return undefined;
  if (key === path && (Object.hasOwn(fields, `${path}+`) || Object.hasOwn(fields, `${path}-`)))
    return undefined;
  const other = path.endsWith('+') ? fields[`${key}-`] : path.endsWith('-') ? fields[`${key}+`] : undefined;
  if (Array.isArray(value) && Array.isArray(other)) {
    const left = value.filter(one => !other.includes(one));
    return left.length === 0 ? undefined : left;
  }
  const outer = path.split('.').slice(0, 2).join('.');
  if (outer !== path && Object.hasOwn(fields, outer)) return undefined;
  return value === null && Object.keys(fields).some(one => one.startsWith(`${path}.`)) ? undefined : value;
}

function merged(kept: DeclaredFields, fields: DeclaredFields): DeclaredFields {
  const all: DeclaredFields = { ...kept };
  for (const [path, value] of Object.entries(fields)) {
    const members = /[+-]$/.test(path) && Array.isArray(all[path]) && Array.isArray(value);
    all[path] = members ? [...new Set([...(all[path] as string[]), ...(value as string[])])].sort() : value;
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The declaration without these fields of a selector's rule, or without the whole rule; the selector's exceptions for them are
 * removed as well. @throws UsageError where there is nothing to remove
 */
export function withoutFields(
  declaration: Declaration,
  match: Selector,
  paths: readonly string[] | null,
): Declaration {
  const id = selectorId(match);
  const goes = (path: string) =>
    paths === null || paths.includes(path) || paths.includes(path.replace(/[+-]$/, ''));
  const rules = declaration.rules.flatMap(rule => {
    if (rule.id !== id) return [rule];
    const fields = Object.fromEntries(Object.entries(rule.fields).filter(([path]) => !goes(path)));
    return Object.keys(fields).length === 0 ? [] : [{ ...rule, fields }];
  });
  const exceptions = declaration.exceptions.filter(one => selectorId(one.match) !== id || !goes(one.path));
  const after = { rules, exceptions };
  if (contentHash(after) !== contentHash(declaration)) return after;
  const known = declaration.rules.map(rule => rule.id);
  throw new UsageError(`Nothing of that is declared for ${quoted(id)}.`, {
    hint:
      known.length === 0
        ? 'Nothing is declared at all.'
        : `Rules: ${known
            .slice(0, 10)
            .map(one => quoted(one))
            .join(', ')}.`,
  });
}

/** The declaration with this exception, replacing one for the same selector and field, or check. */
export function withException(declaration: Declaration, exception: Exception): Declaration {
  const subject = exceptionSubject(exception);
  const others = declaration.exceptions.filter(one => exceptionSubject(one) !== subject);
  return { ...declaration, exceptions: sortedExceptions([...others, exception]) };
}

/** What an exception is about: of two with the same the later one counts. */
export function exceptionSubject({ match, path, value }: Exception): string {
  return `${selectorId(match)} ${path}${path === CHECK_PATH ? ` ${JSON.stringify(value)}` : ''}`;
}

/** The declaration without these paths of a selector's rule; its exceptions stay. */
export function withoutPaths(
  declaration: Declaration,
  match: Selector,
  paths: readonly string[],
): Declaration {
  const id = selectorId(match);
  const rules = declaration.rules.flatMap(rule => {
    if (rule.id !== id) return [rule];
    const fields = Object.fromEntries(Object.entries(rule.fields).filter(([path]) => !paths.includes(path)));
    return Object.keys(fields).length === 0 ? [] : [{ ...rule, fields }];
  });
  return { ...declaration, rules };
}

function sorted(rules: readonly Rule[]): Rule[] {
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function sortedExceptions(exceptions: readonly Exception[]): Exception[] {
  const keyed = exceptions.map(one => ({
    one,
    key: `${selectorId(one.match)} ${one.path} ${JSON.stringify(one.value)}`,
  }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ one }) => one);
}

/** SHA-256 of a declaration's content, regardless of author and time. */
export function contentHash({ rules, exceptions }: Declaration): string {
  const said = {
    rules: sorted([...rules]).map(({ id, fields }) => [
      id,
      Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]),
    exceptions: sortedExceptions([...exceptions]).map(one => [
      selectorId(one.match),
      one.path,
      one.value,
      one.owner,
      one.until,
      one.why,
    ]),
  };
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

/** The declaration with each field marked with the revision that declared its value: `number` for new ones. */
export function marked(declaration: Declaration, before: Declaration, number: number): Declaration {
  const former = new Map(before.rules.map(rule => [rule.id, rule]));
  const rules = declaration.rules.map(rule => {
    const was = former.get(rule.id);
    const since = Object.entries(rule.fields).map(([path, value]) => {
      const same = was !== undefined && JSON.stringify(was.fields[path]) === JSON.stringify(value);
      return [path, same ? (was.since[path] ?? number) : number] as const;
    });
    return { ...rule, since: Object.fromEntries(since) };
  });
  return { ...declaration, rules };
}

/** Two rules of equal rank that declare different values for a field. */
export interface Conflict {
  path: string;
  rules: [Rule, Rule];
  values: [JsonValue, JsonValue];
  /** A resource to which both apply; null where they contradict each other for any resource. */
  resource: string | null;
}

/** Rules that contradict each other for every resource that one of them applies to. */
export function certainConflicts(rules: readonly Rule[]): Conflict[] {
  return nestedPairs(rules).flatMap(([a, b]) => {
    if (rankOf(a.match) !== rankOf(b.match)) return [];
    const types = typesOf(a.match);
    return Object.entries(a.fields).flatMap(([path, value]): Conflict[] => {
      const other = b.fields[path];
      if (
        other === undefined ||
        /[+-]$/.test(path) ||
        types.every(type => sameValue(type, path, value, other))
      )
        return [];
      return [{ path, rules: [a, b], values: [value, other], resource: null }];
    });
  });
}

/**
 * Rules of which one is about nothing but what the other is about, too, in the order of the rules. Each is sought by the few
 * selectors that are wider than its own: a file may hold twenty thousand, and every pair of them is too many.
 */
function nestedPairs(rules: readonly Rule[]): [Rule, Rule][] {
  const places = Map.groupBy(rules.keys(), at => writtenOut(rules[at]!.match));
  const pairs = rules.flatMap((rule, at) =>
    widerThan(rule.match)
      .flatMap(wide => places.get(writtenOut(wide)) ?? [])
      .filter(other => other !== at)
      .map(other => (other < at ? [other, at] : [at, other]) as [number, number]),
  );
  // Two with the same selector find one another twice.
  const distinct = new Map(pairs.map(pair => [pair.join(), pair])).values();
  return [...distinct].sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([a, b]) => [rules[a]!, rules[b]!]);
}

/** Rules that contradict each other for one of these resources. */
export function conflictsAmong(rules: readonly Rule[], subjects: readonly Subject[]): Conflict[] {
  const rulesOf = ruleFinder(rules);
  return subjects.flatMap(subject => {
    const about = rulesOf(subject);
    if (about.length < 2) return [];
    return expectedOf(subject, about).conflicts.map(
      ([a, b]): Conflict => ({
        path: b!.path,
        rules: [a!.rule, b!.rule],
        values: [a!.value, b!.value],
        resource: subject.resource,
      }),
    );
  });
}

/** A conflict in words: both rules, what each declares, and for which resource. */
export function conflictText({ path, rules: [a, b], values: [x, y], resource }: Conflict): string {
  const field = shortPath(path);
  const of = resource === null ? '' : ` for ${resource}`;
  return `Rules ${quoted(a.id)} and ${quoted(b.id)} contradict one another${of}: ${field} is ${valueText(x)} by the one and ${valueText(y)} by the other.`;
}

/** A declared value for use in our sentences. */
export function valueText(value: JsonValue): string {
  if (value === null) return 'absent';
  return typeof value === 'string' || Array.isArray(value) ? quoted(String(value)) : String(value);
}
