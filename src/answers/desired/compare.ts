import {
  type ComparisonFindings,
  compareDeclaration,
  type MissingFinding,
  missingOf,
  type ResourceFinding,
} from '../../desired/comparison.ts';
import { ruleFinder } from '../../desired/expected.ts';
import type { Subject } from '../../desired/subject.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration } from '../../model/declaration.ts';
import {
  formatKey,
  parseKey,
  RESOURCE_TYPES,
  type ResourceKey,
  type ResourceType,
} from '../../model/resource.ts';
import { pastSubjects, presentSubjects, withConfigs } from './subjects.ts';

/** Which findings are asked for, and for which place in the sequence (the present if left out). */
export interface CompareFilter {
  resource?: ResourceKey | undefined;
  type?: ResourceType | undefined;
  node?: string | undefined;
  change?: string | undefined;
  seq?: number | undefined;
}

/** Something that is not as declared. */
export type Finding = ResourceFinding | MissingFinding;

/** Whether the finding is a named resource that does not exist at all. */
export function isMissing(finding: Finding): finding is MissingFinding {
  return !('subject' in finding);
}

/** Compares a declaration with what is known; exceptions end by `now` (ms). */
export async function compareWith(
  declaration: Declaration,
  { store, now }: Pick<ToolContext, 'store' | 'now'>,
  { seq, ...filter }: CompareFilter = {},
): Promise<ComparisonFindings> {
  if (declaration.rules.length === 0) return { drifted: [], missing: [], covered: 0 };
  const all = seq === undefined ? await presentSubjects(store) : await pastSubjects(store, seq);
  const rulesOf = ruleFinder(declaration.rules);
  const about = all.filter(subject => rulesOf(subject).length > 0);
  const keys = configKeys(declaration);
  const known = seq === undefined && keys.length > 0 ? await withConfigs(store, about, keys) : about;
  // An empty store does not know that anything is missing.
  const whole = all.length > 0 || (await store.lastCommit('inventory')) !== null;
  const missing = whole ? missingOf(declaration.rules, all) : [];
  const { drifted } = compareDeclaration(declaration, known, { now, whole: false });
  return {
    drifted: drifted.filter(({ subject }) => isWanted(filter, 'drifted', subject.resource, subject)),
    missing: missing.filter(
      ({ resource }) => store.shows(parseKey(resource)) && isWanted(filter, 'missing', resource, null),
    ),
    covered: about.filter(({ resource, node }) =>
      isWanted({ ...filter, change: undefined }, '', resource, { node }),
    ).length,
  };
}

/** The configuration keys that rules declare. */
function configKeys({ rules }: Declaration): string[] {
  const paths = rules.flatMap(({ fields }) => Object.keys(fields));
  return [...new Set(paths.flatMap(path => (path.startsWith('config.') ? path.split('.')[1]! : [])))];
}

function isWanted(
  { resource, type, node, change }: Omit<CompareFilter, 'seq'>,
  kind: string,
  key: string,
  place: Pick<Subject, 'node'> | null,
): boolean {
  return (
    (resource === undefined || formatKey(resource) === key) &&
    (type === undefined || key.startsWith(`${type}/`)) &&
    (node === undefined || place?.node === node) &&
    (change === undefined || change === kind)
  );
}

/** Findings in the order of their resources: by type, then by number or name. */
export function ordered({ drifted, missing }: ComparisonFindings, order: 'asc' | 'desc'): Finding[] {
  const place = (finding: Finding): [number, number, string] => {
    const key = isMissing(finding) ? finding.resource : finding.subject.resource;
    const { type, id } = parseKey(key);
    return [RESOURCE_TYPES.indexOf(type), Number(id) || 0, id];
  };
  const direction = order === 'asc' ? 1 : -1;
  return [...drifted, ...missing]
    .map(finding => ({ finding, at: place(finding) }))
    .sort(({ at: a }, { at: b }) => direction * (a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1)))
    .map(({ finding }) => finding);
}
