import type { Declaration, Exception } from '../model/declaration.ts';
import type { JsonValue } from '../model/state.ts';
import { type Claim, expectations, listOf, ruleFinder } from './expected.ts';
import { selects } from './selector.ts';
import type { Subject, Unknown } from './subject.ts';
import { type Actual, actualOf, sameValue } from './value.ts';

/** How a field differs from what is declared; a field that is as declared has no state. */
const FIELD_STATES = ['drifted', 'accepted', 'pending', 'unseen', 'conflict'] as const;
/** One of `FIELD_STATES`. */
export type FieldState = (typeof FIELD_STATES)[number];

/** A declared field that differs from its declaration, or may. */
export interface FieldFinding {
  /** `config.memory`, `tags`, or `tags+` and `tags-` for single members. */
  path: string;
  declared: JsonValue;
  /** The value after the next restart, which for most fields is the present one; the last known value where it is unseen. */
  actual: JsonValue;
  state: FieldState;
  /** The rules that declare it: one, except in a conflict. */
  rules: string[];
  /** The revision that declared this value. */
  revision: number;
  /** The running value is still as declared. */
  afterRestart?: true;
  /** The exception that accepts it, or did until it expired. */
  exception?: Exception;
  /** In a conflict, what each of `rules` declares. */
  alternatives?: JsonValue[];
  /** For an unseen field: since when, and why. */
  unknown?: Unknown;
}

/** A resource that differs from its declaration. */
export interface ResourceFinding {
  subject: Subject;
  fields: FieldFinding[];
}

/** A resource that a rule names but that does not exist. */
export interface MissingFinding {
  /** `vm/101`. */
  resource: string;
  rule: string;
  revision: number;
}

/** The result of a comparison: empty where everything is as declared. */
export interface ComparisonFindings {
  drifted: ResourceFinding[];
  missing: MissingFinding[];
  /** How many resources have at least one rule. */
  covered: number;
}

/**
 * Compares the declaration with what is known, at a moment (ms) that decides which exceptions are valid. Pure: `subjects` are all
 * resources, or only some where `whole` is false, so that none counts as missing.
 */
export function compareDeclaration(
  { rules, exceptions }: Declaration,
  subjects: readonly Subject[],
  { now, whole = true }: { now: number; whole?: boolean },
): ComparisonFindings {
  const rulesOf = ruleFinder(rules);
  const expected = expectations();
  const accepted = exceptions.map(exception => ({ exception, fits: selects(exception.match) }));
  const drifted: ResourceFinding[] = [];
  let covered = 0;
  for (const subject of subjects) {
    const about = rulesOf(subject);
    if (about.length === 0) continue;
    covered++;
    const { claims, conflicts } = expected(subject, about);
    const fields = [
      ...claims.flatMap(claim => compareClaim(subject, claim) ?? []),
      ...conflicts.map(claims => conflictOf(subject, claims)),
    ].sort((a, b) => (a.path < b.path ? -1 : 1));
    if (fields.length === 0) continue;
    const mine = accepted.filter(({ fits }) => fits(subject)).map(({ exception }) => exception);
    drifted.push({ subject, fields: fields.map(field => withException(field, subject, mine, now)) });
  }
  return { drifted, missing: whole ? missingOf(rules, subjects) : [], covered };
}

/** How a field differs from a claim; null where it does not. */
function compareClaim(subject: Subject, claim: Claim): FieldFinding | null {
  const { path, value: declared, rule } = claim;
  const plain = path.replace(/[+-]$/, '');
  const actual = actualOf(subject, plain);
  const base = {
    path,
    declared,
    actual: actual?.value ?? null,
    rules: [rule.id],
    revision: rule.since[path] ?? 0,
  };
  const unknown = unknownAt(subject, plain, actual);
  if (unknown !== null) return { ...base, state: 'unseen', unknown };
  const met = (value: JsonValue) => isMet(subject, path, declared, value);
  const after = met(actual!.value);
  const running = met(actual!.running);
  if (after) return running ? null : { ...base, actual: actual!.running, state: 'pending' };
  return { ...base, state: 'drifted', ...(running && { afterRestart: true }) };
}

/** Whether a value satisfies a claim at this path. */
export function isMet(
  { type }: Pick<Subject, 'type'>,
  path: string,
  declared: JsonValue,
  value: JsonValue,
): boolean {
  const sign = /[+-]$/.exec(path)?.[0];
  if (sign === undefined) return sameValue(type, path, declared, value);
  const has = listOf(value);
  return listOf(declared).every(one => has.includes(one) === (sign === '+'));
}

function unknownAt(subject: Subject, path: string, actual: Actual | undefined): Unknown | null {
  if (subject.unknown !== null) return subject.unknown;
  const field = subject.unknownFields[path];
  if (field !== undefined) return field;
  if (actual !== undefined) return null;
  return { since: null, reason: { code: 'config-unread' } };
}

function conflictOf(subject: Subject, claims: readonly Claim[]): FieldFinding {
  const path = claims.map(claim => claim.path).sort()[0]!;
  return {
    path,
    declared: null,
    actual: actualOf(subject, path.replace(/[+-]$/, ''))?.value ?? null,
    state: 'conflict',
    rules: claims.map(({ rule }) => rule.id),
    revision: Math.max(...claims.map(claim => claim.rule.since[claim.path] ?? 0)),
    alternatives: claims.map(({ value }) => value),
  };
}

/** Marks a drift that an exception accepts, or accepted until it expired: only the accepted value counts. */
function withException(
  field: FieldFinding,
  { type }: Subject,
  exceptions: readonly Exception[],
  now: number,
): FieldFinding {
  if (field.state !== 'drifted') return field;
  const path = field.path.replace(/[+-]$/, '');
  const mine = exceptions
    .filter(one => one.path === path && sameValue(type, path, one.value, field.actual))
    .sort((a, b) => b.until - a.until);
  const [latest] = mine;
  if (latest === undefined) return field;
  return { ...field, exception: latest, ...(latest.until >= now && { state: 'accepted' as const }) };
}

/** Resources that rules name and that are not among these. */
export function missingOf(rules: Declaration['rules'], subjects: readonly Subject[]): MissingFinding[] {
  const there = new Set(subjects.map(subject => subject.resource));
  return rules.flatMap(({ id, match, since }) =>
    match.resource === undefined || there.has(match.resource)
      ? []
      : [{ resource: match.resource, rule: id, revision: Math.max(0, ...Object.values(since)) }],
  );
}

/** How many fields are in each state, and how many resources are missing. */
export type FindingCounts = { [state in FieldState | 'missing']: number };

/** Counts what was found. */
export function countFindings({ drifted, missing }: ComparisonFindings): FindingCounts {
  const counts = Object.fromEntries(FIELD_STATES.map(state => [state, 0])) as FindingCounts;
  for (const { fields } of drifted) for (const { state } of fields) counts[state]++;
  return { ...counts, missing: missing.length };
}
