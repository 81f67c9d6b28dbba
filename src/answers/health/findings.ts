import type { Check, Finding, Severity } from '../../health/check.ts';
import { isAtLeast } from '../../health/check.ts';
import type { HealthFacts } from '../../health/facts.ts';
import { CHECKS, findingsOf, unjudgedBy } from '../../health/index.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { Step } from '../../model/change.ts';
import { parseKey, versionKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { clusterText } from '../format/text.ts';
import type { Depth } from './facts.ts';
import { isSilencedBy, lapsedText, type Silences } from './silenced.ts';

/** Which findings are asked for. */
export interface Wanted {
  /** A check's name, or one of `CHECK_BEGINNINGS`. */
  check?: string | undefined;
  severity?: Severity | undefined;
  /** Only findings about these resources (`vm/101`). */
  about?: ((resource: string) => boolean) | undefined;
  /** What somebody accepted, with an owner and a day. */
  silences: Silences;
}

/** The beginnings of check names, up to a hyphen: `backup` means all checks of backups. */
export const CHECK_BEGINNINGS: readonly string[] = [
  ...new Set(
    CHECKS.flatMap(({ name }) => {
      const words = name.split('-');
      return words.slice(1).map((_, index) => words.slice(0, index + 1).join('-'));
    }),
  ),
];

/** The checks asked for: the one with that name, or all whose names begin with it. */
export function checksFor({ check }: Pick<Wanted, 'check'>): readonly Check[] {
  return check === undefined ? CHECKS : CHECKS.filter(({ name }) => `${name}-`.startsWith(`${check}-`));
}

/** How deep these checks read. */
export function depthOf(checks: readonly Check[]): Depth {
  if (checks.some(check => check.reads === 'configs')) return 'configs';
  return checks.some(check => check.reads === 'guests') ? 'guests' : 'glance';
}

/** The findings, most severe first, those that somebody accepted, and what could not be judged. */
export function healthFindings(facts: HealthFacts, wanted: Wanted) {
  const checks = checksFor(wanted);
  const { severity = 'info', about = () => true, silences } = wanted;
  const isSilenced = isSilencedBy(silences);
  const all = findingsOf(facts, checks).filter(
    finding => isAtLeast(finding.severity, severity) && about(finding.resource),
  );
  const ofDrift = checks.find(({ name }) => name === 'drift');
  const accepted =
    ofDrift !== undefined && isAtLeast(ofDrift.severity, severity)
      ? facts.accepted.filter(({ resource }) => about(resource))
      : [];
  return {
    findings: all.filter(finding => !isSilenced(finding)),
    silenced: { findings: all.filter(isSilenced), accepted },
    unjudged: unjudgedBy(facts, checks),
  };
}

/** Findings as rows of an answer, with the guest's name and, from history, since when. */
export async function findingRows(
  findings: readonly Finding[],
  facts: HealthFacts,
  store: StoreReader,
  silences: Silences,
): Promise<Row[]> {
  const names = new Map(facts.guests.map(guest => [guest.key, guest.name]));
  const steps = await stepsOf(store, findings);
  return findings.map(finding => {
    const { check, severity, resource, what, evidence, next } = finding;
    const name = names.get(resource) ?? null;
    return {
      check,
      severity,
      resource: clusterText(resource, 100),
      name: name === null ? null : clusterText(name, 60),
      what: clusterText(what, 400),
      since: sinceOf(finding, steps.get(resource) ?? [], facts.timeZone),
      evidence: safe(evidence),
      next,
      lapsed: lapsedText(silences(finding), facts.timeZone),
    };
  });
}

/** The changes of resources whose findings are dated by a field. */
async function stepsOf(store: StoreReader, findings: readonly Finding[]): Promise<Map<string, Step[]>> {
  const dated = findings.filter(({ since }) => since !== null && 'field' in since);
  const resources = [...new Set(dated.map(one => one.resource))].map(parseKey);
  if (resources.length === 0) return new Map();
  return Map.groupBy(await store.steps({ resources, changesOnly: true }), versionKey);
}

function sinceOf({ since }: Finding, steps: readonly Step[], timeZone: string): string | null {
  if (since === null) return null;
  if ('at' in since) return formatTime(since.at, timeZone);
  const touches = ({ path }: { path: string }) =>
    path === since.field || path.startsWith(`${since.field}.`) || since.field.startsWith(`${path}.`);
  const life = steps.at(-1)?.incarnation;
  const last = steps.findLast(step => step.incarnation === life && step.fields.some(touches));
  return last === undefined ? null : formatTime(last.windowBefore, timeZone);
}

/** Evidence as it may be shown: texts of the cluster are cleaned. */
function safe(evidence: Finding['evidence']): Row {
  const shown = (value: unknown): unknown => {
    if (typeof value === 'string') return clusterText(value, 300);
    return Array.isArray(value) ? value.map(shown) : value;
  };
  return Object.fromEntries(Object.entries(evidence).map(([fact, value]) => [fact, shown(value)]));
}
