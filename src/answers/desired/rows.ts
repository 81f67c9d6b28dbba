import type { FieldFinding, MissingFinding, ResourceFinding } from '../../desired/comparison.ts';
import type { Unknown } from '../../desired/subject.ts';
import { concerns, traceOf } from '../../desired/trace.ts';
import type { Cause } from '../../history/acts.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Step } from '../../model/change.ts';
import { reasonText } from '../../model/reason-text.ts';
import { parseKey, versionKey } from '../../model/resource.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import { type Authorship, findAuthors } from '../changes/causes.ts';
import { causeRow, changeRows, fieldRow } from '../changes/rows.ts';
import { unknownText } from '../changes/unknown-author.ts';
import { clusterText, stateValue } from '../format/text.ts';
import { causedOf, type Group, plain } from './authors.ts';
import { type Finding, isMissing } from './compare.ts';

type Asking = Pick<ToolContext, 'store' | 'timeZone'>;

/** Up to which place in the sequence rows are explained, and which side of a field is the declared one. */
export interface RowOptions {
  to: number;
  declaredIs: 'from' | 'to';
}

/** Fields shown per resource. */
const FIELDS_AT_MOST = 40;
/** Causes shown per resource. */
const CAUSES_AT_MOST = 10;

/** Findings as answers show them: for each field what is declared, what it is, since when and by whom. */
export async function driftRows(
  findings: readonly Finding[],
  asking: Asking,
  options: RowOptions,
): Promise<Row[]> {
  const drifted = findings.filter((finding): finding is ResourceFinding => !isMissing(finding));
  const missing = findings.filter(isMissing);
  const [present, gone] = await Promise.all([
    driftedRows(drifted, asking, options),
    missingRows(missing, asking, options),
  ]);
  return findings.map(finding => (isMissing(finding) ? gone.get(finding) : present.get(finding))!);
}

async function driftedRows(
  findings: readonly ResourceFinding[],
  { store, timeZone }: Asking,
  options: RowOptions,
): Promise<Map<Finding, Row>> {
  if (findings.length === 0) return new Map();
  const keys = findings.map(({ subject }) => parseKey(subject.resource));
  const steps = Map.groupBy(await store.steps({ resources: keys, to: options.to }), versionKey);
  const declaredAt = await revisionTimes(findings, store);
  const groups = findings.map(finding =>
    groupsOf(finding, steps.get(finding.subject.resource) ?? [], declaredAt),
  );
  const caused = groups.flatMap((some, at) => some.map(group => causedOf(group, findings[at]!)));
  const authors = await findAuthors(
    caused.flatMap(one => one ?? []),
    store,
  );
  let place = 0;
  let author = 0;
  const rows = findings.map((finding, at): [Finding, Row] => {
    const authored = groups[at]!.map(group => ({
      group,
      author: caused[place++] === null ? null : authors[author++]!,
    }));
    return [finding, driftedRow(finding, authored, timeZone, options)];
  });
  return new Map(rows);
}

async function revisionTimes(
  findings: readonly ResourceFinding[],
  store: Asking['store'],
): Promise<Map<number, number>> {
  const numbers = new Set(findings.flatMap(({ fields }) => fields.map(({ revision }) => revision)));
  const found = await Promise.all([...numbers].map(number => store.revision(number)));
  return new Map(found.flatMap(one => (one === null ? [] : [[one.number, one.at]])));
}

/** The fields that have a history, grouped by the steps that explain them. */
function groupsOf(
  { subject, fields }: ResourceFinding,
  all: readonly Step[],
  declaredAt: ReadonlyMap<number, number>,
): Group[] {
  const steps = all.filter(step => step.incarnation === subject.incarnation);
  const groups = new Map<string, Group>();
  for (const field of fields) {
    if (field.state === 'unseen' || field.state === 'conflict') continue;
    const since = declaredAt.get(field.revision) ?? 0;
    const trace = traceOf(field, subject, steps, since);
    const key = `${trace.how} ${trace.steps.map(step => step.id).join(',')}${trace.how === 'declared' ? since : ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { trace, fields: [field], declaredAt: since });
    else group.fields.push(field);
  }
  return [...groups.values()];
}

interface Authored {
  group: Group;
  author: Authorship | null;
}

function driftedRow(
  { subject, fields }: ResourceFinding,
  authored: Authored[],
  timeZone: string,
  options: RowOptions,
): Row {
  const time = (at: number | null) => (at === null ? null : formatTime(at, timeZone));
  const spans = new Map(
    authored.flatMap(({ group }) => group.fields.map(field => [field, spanOf(group)] as const)),
  );
  const all = [...spans.values()];
  const whole = all.length > 0 && {
    after: all.some(one => one.after === null) ? null : Math.min(...all.map(one => one.after!)),
    before: Math.max(...all.map(one => one.before)),
  };
  const differ = new Set(all.map(one => `${one.after} ${one.before}`)).size > 1;
  const shown = fields.slice(0, FIELDS_AT_MOST);
  const { causes, more } = causesOf(authored, fields);
  return {
    resource: subject.resource,
    name: subject.name !== null && subject.type !== 'storage' ? clusterText(subject.name, 80) : null,
    node: subject.node,
    change: 'drifted',
    at: all.length > 0 ? time(Math.max(...all.map(one => one.at))) : null,
    window: whole ? { after: time(whole.after), before: time(whole.before) } : null,
    fields: shown.map(field => {
      const span = differ ? spans.get(field) : undefined;
      return {
        ...declaredRow(field, timeZone, options),
        ...(span !== undefined && { window: { after: time(span.after), before: time(span.before) } }),
      };
    }),
    more_fields: fields.length > shown.length ? fields.length - shown.length : null,
    causes: authored.length > 0 ? causes : null,
    more_causes: more > 0 ? more : null,
    why_unknown: whyUnknown(authored, fields),
  };
}

/** When a group's fields became what they are (ms); if they were so before the declaration, when it was made. */
function spanOf({ trace, declaredAt }: Group): { after: number | null; before: number; at: number } {
  const [first, last] = [trace.steps[0], trace.steps.at(-1)];
  if (first === undefined || last === undefined) return { after: null, before: declaredAt, at: declaredAt };
  return { after: first.windowAfter, before: last.windowBefore, at: last.at };
}

function causesOf(authored: Authored[], fields: readonly FieldFinding[]): { causes: Row[]; more: number } {
  const found = new Map<string, { cause: Cause; paths: Set<string> }>();
  for (const { group, author } of authored) {
    for (const cause of author?.causes ?? []) {
      const id = cause.upid ?? `${cause.source} ${cause.user} ${cause.type}`;
      const entry = found.get(id) ?? { cause, paths: new Set<string>() };
      const mine = group.fields.filter(
        field => cause.fields === undefined || cause.fields.some(path => concerns(plain(field), path)),
      );
      for (const field of mine) entry.paths.add(plain(field));
      found.set(id, entry);
    }
  }
  const total = new Set(fields.map(plain)).size;
  const rows = [...found.values()].map(({ cause: { fields: _, ...cause }, paths }) =>
    causeRow(paths.size === total ? cause : { ...cause, fields: [...paths] }),
  );
  return { causes: rows.slice(-CAUSES_AT_MOST), more: Math.max(0, rows.length - CAUSES_AT_MOST) };
}

/** Said about fields that were so before anybody declared otherwise: nobody made them drift. */
const AS_DECLARED = 'it was so already when it was declared';

function whyUnknown(authored: Authored[], fields: readonly FieldFinding[]): string | null {
  const reasons = authored.flatMap(({ group, author }) =>
    author === null
      ? []
      : (unknownText(author.unknown, group.fields.length < fields.length || author.causes.length > 0) ?? []),
  );
  const before = authored
    .filter(({ author }) => author === null)
    .flatMap(({ group }) => group.fields.map(plain));
  const paths = [...new Set(before)];
  const named = `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;
  if (paths.length > 0)
    reasons.push(before.length === fields.length ? AS_DECLARED : `${named}: ${AS_DECLARED}`);
  return reasons.length === 0 ? null : reasons.join('; ');
}

function declaredRow(field: FieldFinding, timeZone: string, { declaredIs }: RowOptions): Row {
  const path = plain(field);
  const sign = /[+-]$/.exec(field.path)?.[0];
  const declared =
    sign === undefined ? field.declared : (field.declared as string[]).map(one => `${sign}${one}`).join(' ');
  const sides =
    declaredIs === 'from' ? { from: declared, to: field.actual } : { from: field.actual, to: declared };
  const { exception, unknown, alternatives } = field;
  return {
    ...fieldRow({ path, ...sides }, timeZone),
    state: field.state,
    rule: field.rules.join(' | '),
    revision: field.revision === 0 ? null : field.revision,
    when: field.afterRestart || field.state === 'pending' ? 'after restart' : null,
    ...(exception && {
      owner: clusterText(exception.owner, 80),
      until: formatTime(exception.until, timeZone),
      accepted_why: exception.why === null ? null : clusterText(exception.why, 200),
      lapsed: field.state === 'accepted' ? null : true,
    }),
    ...(unknown && {
      unseen_since: unknown.since === null ? null : formatTime(unknown.since, timeZone),
      unseen_reason: unknownReason(unknown),
    }),
    ...(alternatives && { declared: alternatives.map(value => stateValue(path, value)) }),
  };
}

/** Why a field is not known now, in words. */
export function unknownReason({ reason }: Unknown): string {
  if (reason.code === 'config-unread') return 'its configuration has not been read';
  if (reason.code === 'field-not-reported') return 'the last look did not tell it';
  return clusterText(reasonText(reason), 200);
}

/** Named resources that do not exist: when they were deleted and by whom, if history knows. */
async function missingRows(
  findings: readonly MissingFinding[],
  asking: Asking,
  { to }: RowOptions,
): Promise<Map<Finding, Row>> {
  const last = await asking.store.versionsAt(
    Math.min(to, NEWEST_SEQ),
    findings.map(({ resource }) => parseKey(resource)),
  );
  const deleted = last.filter(({ change }) => change === 'deleted');
  const rows = await changeRows(
    deleted.map(version => ({ ...version, key: { type: version.type, id: version.resourceId } })),
    asking,
  );
  const known = new Map(rows.map(row => [row['resource'], row]));
  return new Map(
    findings.map(finding => {
      const { fields: _, ...row } = known.get(finding.resource) ?? {
        resource: finding.resource,
        why_unknown: 'it was never seen here',
      };
      return [finding, { ...row, change: 'missing', rule: finding.rule, revision: finding.revision || null }];
    }),
  );
}
