import type { Rule } from '../model/declaration.ts';
import { isGuestType } from '../model/resource.ts';
import { isObject, type JsonValue } from '../model/state.ts';
import { fieldOf } from './fields.ts';
import { rankOf, selects } from './selector.ts';
import type { Subject } from './subject.ts';
import { sameValue } from './value.ts';

/** What one rule declares about one field of one resource. */
export interface Claim {
  /** `config.memory`, `tags`, or `tags+` and `tags-` for single members. */
  path: string;
  value: JsonValue;
  rule: Rule;
}

/** What is expected of a resource: the valid claims, and those of equal rank that contradict each other. */
export interface Expected {
  claims: Claim[];
  conflicts: Claim[][];
}

/** Finds the rules that apply to a resource: those that name it directly, those for a tag by its tags, others one by one. */
export function ruleFinder(rules: readonly Rule[]): (subject: Subject) => Rule[] {
  const named = Map.groupBy(rules, rule => rule.match.resource);
  const others = (named.get(undefined) ?? []).map(rule => ({ rule, fits: selects(rule.match) }));
  const tagged = Map.groupBy(others, ({ rule }) => rule.match.tag?.toLowerCase());
  const untagged = tagged.get(undefined) ?? [];
  return subject => {
    const tags = new Set(subject.tags.map(tag => tag.toLowerCase()));
    const mayFit = [...untagged, ...[...tags].flatMap(tag => tagged.get(tag) ?? [])];
    return [
      ...(named.get(subject.resource) ?? []),
      ...mayFit.filter(({ fits }) => fits(subject)).map(({ rule }) => rule),
    ];
  };
}

/** Returns what rules expect of resources, computed once per type and set of rules. */
export function expectations(): (subject: Subject, rules: readonly Rule[]) => Expected {
  const known = new Map<string, Expected>();
  return (subject, rules) => {
    const key = `${subject.type} ${rules.map(rule => rule.id).join('\n')}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const expected = expectedOf(subject, rules);
    known.set(key, expected);
    return expected;
  };
}

/** What these rules, which all apply to the resource, expect of it. */
export function expectedOf(subject: Pick<Subject, 'type'>, rules: readonly Rule[]): Expected {
  const claims = rules.flatMap(rule =>
    Object.entries(rule.fields).flatMap(([path, value]): Claim[] =>
      isOf(subject, path) ? [{ path, value, rule }] : [],
    ),
  );
  const standing: Claim[] = [];
  const conflicts: Claim[][] = [];
  for (const group of Map.groupBy(claims, ({ path }) => subjectPath(path)).values()) {
    if (group.length === 1) standing.push(group[0]!);
    else settle(subject, group, standing, conflicts);
  }
  return { claims: standing, conflicts };
}

/** Whether this type of resource has that field: a field of VMs means nothing for containers. */
function isOf({ type }: Pick<Subject, 'type'>, path: string): boolean {
  if (!isGuestType(type)) return fieldOf(type, path.replace(/[+-]$/, '')) !== undefined;
  return !path.startsWith('config.') || fieldOf(type, path) !== undefined;
}

/** The path by which claims are compared, since a key may contradict its parts, and a list its members. */
function subjectPath(path: string): string {
  return path.replace(/[+-]$/, '').split('.').slice(0, 2).join('.');
}

/** Decides between claims about one key: the higher rank wins, and claims of equal rank only count where they agree. */
function settle(
  subject: Pick<Subject, 'type'>,
  group: Claim[],
  standing: Claim[],
  conflicts: Claim[][],
): void {
  const kept: Claim[] = [];
  const ordered = group.toSorted((a, b) => rankOf(b.rule.match) - rankOf(a.rule.match));
  for (const claim of ordered) {
    const against = kept.filter(one => contradict(subject, one, claim));
    const equals = against.filter(one => rankOf(one.rule.match) === rankOf(claim.rule.match));
    if (equals.length > 0) {
      // A third rule joins the conflict of the first two, so that there is one conflict per field.
      const known = conflicts.find(conflict => conflict.some(one => equals.includes(one)));
      if (known === undefined) conflicts.push([...equals, claim]);
      else known.push(claim);
    }
    if (against.length > 0) continue;
    const same = kept.some(one => one.path === claim.path && !isMember(claim.path));
    if (!same) kept.push(claim);
  }
  const disputed = new Set(conflicts.flat());
  standing.push(...kept.filter(claim => !disputed.has(claim)));
}

function isMember(path: string): boolean {
  return /[+-]$/.test(path);
}

function contradict(subject: Pick<Subject, 'type'>, a: Claim, b: Claim): boolean {
  const { type } = subject;
  if (isMember(a.path) || isMember(b.path)) return membersDiffer(a, b);
  if (a.path === b.path) return !sameValue(type, a.path, a.value, b.value);
  const [outer, inner] = a.path.length < b.path.length ? [a, b] : [b, a];
  // A key that must be absent has no parts.
  return inner.path.startsWith(`${outer.path}.`) && outer.value === null && inner.value !== null;
}

function membersDiffer(a: Claim, b: Claim): boolean {
  const [x, y] = isMember(a.path) ? [a, b] : [b, a];
  const members = listOf(x.value);
  if (!isMember(y.path)) return members.some(one => listOf(y.value).includes(one) !== x.path.endsWith('+'));
  return x.path !== y.path && members.some(one => listOf(y.value).includes(one));
}

/** The members of a list; none where the value is not a list. */
export function listOf(value: JsonValue): string[] {
  return Array.isArray(value) ? value.map(String) : value === null || isObject(value) ? [] : [String(value)];
}
