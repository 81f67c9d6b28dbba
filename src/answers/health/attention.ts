import type { Finding } from '../../health/check.ts';
import { isAtLeast } from '../../health/check.ts';
import type { HealthFacts } from '../../health/facts.ts';
import { CHECKS, findingsOf, unjudgedBy } from '../../health/index.ts';
import type { Row } from '../../mcp/define/output.ts';
import { reasonText } from '../../model/reason-text.ts';
import { unseenText } from '../../model/unseen-text.ts';
import { clusterText } from '../format/text.ts';
import { isSilencedBy, type Silences } from './silenced.ts';

/** Checks that read only guests in trouble, so that a glance at the cluster stays fast however many guests there are. */
const GLANCE = CHECKS.filter(check => check.reads === undefined);
/** Up to this many findings of one check are listed one by one; more are summed up. */
const EACH_AT_MOST = 5;
const NAMES_SHOWN = 5;

/** The short form of `check_health`: warnings and worse, and recent failures. */
export function attentionRows(facts: HealthFacts, silences: Silences): Row[] {
  const isSilenced = isSilencedBy(silences);
  const all = findingsOf(facts, GLANCE);
  const found = Map.groupBy(
    all.filter(finding => !isSilenced(finding)),
    finding => finding.check,
  );
  const rows = [...found].flatMap(([check, findings]) => {
    if (check === 'task-failed') return rowsOf(findings.slice(0, EACH_AT_MOST), facts);
    const pressing = findings.filter(finding => isAtLeast(finding.severity, 'warning'));
    return pressing.length > EACH_AT_MOST ? [summed(check, pressing)] : rowsOf(pressing, facts);
  });
  // That other users' tasks cannot be seen is reported elsewhere, and covers locks.
  const unjudged = unjudgedBy(facts, GLANCE).filter(one => one.what.code !== 'locks');
  return [
    ...rows,
    ...acceptedRow(all.filter(isSilenced)),
    ...unjudged.map(({ what, reason }) => ({ what: unseenText(what), why: reasonText(reason) })),
  ];
}

/** The findings left out because somebody accepted them for a while. */
function acceptedRow(silenced: readonly Finding[]): Row[] {
  if (silenced.length === 0) return [];
  const names = silenced.slice(0, NAMES_SHOWN).map(({ check, resource }) => `${check} of ${resource}`);
  return [
    {
      what: 'accepted',
      why: clusterText(`${silenced.length} left out, accepted until a day: ${names.join(', ')}`, 300),
      next: 'check_health shows them as silenced, with owner and day',
    },
  ];
}

/** Failures that are named without the guest's name, since their own text says what they are about. */
const NAMELESS = new Set(['task-failed', 'task-failing', 'backup-failed', 'replication-failing']);

function rowsOf(findings: readonly Finding[], { guests }: HealthFacts): Row[] {
  return findings.map(({ check, resource, what, next, isOwnNext }) => {
    const name = guests.find(guest => guest.key === resource)?.name ?? null;
    const called = name === null || NAMELESS.has(check) ? resource : `${resource} (${clusterText(name, 60)})`;
    return { what: clusterText(called, 160), why: clusterText(what, 300), ...(isOwnNext && { next }) };
  });
}

/** Many findings of one check as one row. */
function summed(check: string, findings: readonly Finding[]): Row {
  const names = findings.slice(0, NAMES_SHOWN).map(finding => finding.resource);
  const more = findings.length - names.length;
  return {
    what: check,
    why: `${findings.length} found: ${names.join(', ')} and ${more} more`,
    next: `check_health {"check":"${check}"} names them all`,
  };
}
