import { selects } from '../../desired/selector.ts';
import type { Finding } from '../../health/check.ts';
import type { AcceptedDrift, HealthFacts } from '../../health/facts.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { CHECK_PATH, type Exception } from '../../model/declaration.ts';
import { clusterNow } from '../cluster-clock.ts';
import { declarationInForce } from '../desired/in-force.ts';
import { presentSubjects } from '../desired/subjects.ts';
import { clusterText } from '../format/text.ts';

/** Who accepted a finding, until when (ms), and whether that time is over. */
export interface Silence extends Pick<Exception, 'owner' | 'until' | 'why'> {
  lapsed: boolean;
}

/** Tells whether somebody accepts a finding, or did until a day that has passed; null if nobody did. */
export type Silences = (finding: Pick<Finding, 'check' | 'resource'>) => Silence | null;

/** Silenced findings that an answer shows. */
const SHOWN = 20;

/** The exceptions in force for findings, as a function of a finding. */
export async function silences(
  context: Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'declaring'>,
): Promise<Silences> {
  const { declaration } = await declarationInForce(context);
  const mine = declaration.exceptions.filter(({ path }) => path === CHECK_PATH);
  if (mine.length === 0) return () => null;
  const now = await clusterNow(context);
  const named = Map.groupBy(mine, ({ match }) => match.resource);
  const others = (named.get(undefined) ?? []).map(exception => ({
    exception,
    fits: selects(exception.match),
  }));
  const subjects = new Map(
    (others.length === 0 ? [] : await presentSubjects(context.store)).map(one => [one.resource, one]),
  );
  return ({ check, resource }) => {
    const subject = subjects.get(resource);
    const fitting = [
      ...(named.get(resource) ?? []),
      ...(subject === undefined
        ? []
        : others.filter(({ fits }) => fits(subject)).map(({ exception }) => exception)),
    ].filter(({ value }) => value === check);
    const [latest] = fitting.sort((a, b) => b.until - a.until);
    if (latest === undefined) return null;
    const { owner, until, why } = latest;
    return { owner, until, why, lapsed: until < now };
  };
}

/** Whether a finding is left out for now. */
export function isSilencedBy(silencesOf: Silences): (finding: Finding) => boolean {
  return finding => silencesOf(finding)?.lapsed === false;
}

/** What is left out because somebody accepted it: findings by their checks, and drift. */
export function silencedRows(
  { findings, accepted }: { findings: readonly Finding[]; accepted: readonly AcceptedDrift[] },
  silencesOf: Silences,
  { timeZone }: Pick<HealthFacts, 'timeZone'>,
): { silenced?: Row[]; silenced_total?: number } {
  const all = [
    ...findings.map(({ check, resource }) => ({ check, resource, ...silencesOf({ check, resource })! })),
    ...accepted.map(({ resource, path, ...of }) => ({ check: 'drift', resource, path, ...of })),
  ];
  if (all.length === 0) return {};
  const rows = all.slice(0, SHOWN).map(({ check, resource, owner, until, why, ...of }) => ({
    check,
    resource: clusterText(resource, 100),
    ...('path' in of && { path: clusterText(of.path, 120) }),
    owner: clusterText(owner, 80),
    until: formatTime(until, timeZone),
    why: why === null ? null : clusterText(why, 200),
  }));
  return { silenced: rows, silenced_total: all.length };
}

/** Says in a finding's row that it was accepted until a day that has passed. */
export function lapsedText(silence: Silence | null, timeZone: string): string | null {
  if (silence === null || !silence.lapsed) return null;
  return `accepted by ${clusterText(silence.owner, 80)} until ${formatTime(silence.until, timeZone)}`;
}
