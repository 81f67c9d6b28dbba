import { countFindings } from '../../desired/comparison.ts';
import { SEVERITIES } from '../../health/check.ts';
import { CHECKS } from '../../health/index.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Facet } from '../../model/facet.ts';
import type { Timeframe } from '../../model/usage.ts';
import { clusterNow } from '../cluster-clock.ts';
import { compareWith, ordered } from '../desired/compare.ts';
import { declarationInForce } from '../desired/in-force.ts';
import { driftRows } from '../desired/rows.ts';
import { clusterText } from '../format/text.ts';
import { healthFacts } from '../health/facts.ts';
import { depthOf, findingRows, healthFindings } from '../health/findings.ts';
import { silencedRows, silences } from '../health/silenced.ts';
import { timelineFacts } from '../timeline/facts.ts';
import { usageFacts } from '../usage/facts.ts';
import { usageRows } from '../usage/rows.ts';

/** The facets a report is made from. */
export const REPORT_NEEDS: readonly Facet[] = [
  'inventory',
  'config',
  'tasks',
  'storage',
  'details',
  'backups',
];

/** Most rows and bytes of history on a page: a browser draws that with ease, and it can still be sent. */
const HISTORY = { rows: 5_000, bytes: 8_000_000 };
/** Most findings and drifted resources listed one by one. */
const ROWS_AT_MOST = 500;

/** How many of the heaviest users and fullest storages are shown. */
const BUSIEST = 4;
const FULLEST = 8;

/** The time a report covers, as people name moments. */
export interface ReportAsked {
  since: string;
  until?: string | undefined;
}

/**
 * Everything in a report: what happened in a span of time, what is wrong now and how the cluster differs from the declaration.
 */
export async function reportFacts(asked: ReportAsked, context: ToolContext): Promise<object> {
  const { store, timeZone, now } = context;
  const timeline = await timelineFacts(asked, context, HISTORY);
  const cluster = await store.cluster();
  return {
    cluster: cluster?.name === undefined || cluster.name === null ? null : clusterText(cluster.name, 80),
    made_at: formatTime(now, timeZone),
    time_zone: timeZone,
    from: timeline.from,
    to: timeline.to,
    timeline,
    usage: await usageOf(timeline, context),
    findings: await findingFacts(context),
    drift: await driftFacts(context),
  };
}

/** The busiest guests and the fullest storages at present; null if Proxmox cannot be asked. */
async function usageOf(span: { from: string; to: string }, context: ToolContext): Promise<Row[] | null> {
  if (context.readUsage === undefined) return null;
  const timeframe = timeframeOf(Date.parse(span.to) - Date.parse(span.from));
  const questions = [
    { top: BUSIEST, metric: 'cpu', timeframe },
    { top: BUSIEST, metric: 'memory', timeframe },
    { top: FULLEST, type: 'storage' },
  ] as const;
  const rows: Row[] = [];
  for (const question of questions) {
    const { facts } = await usageFacts(context, question);
    rows.push(...usageRows(facts, { timeZone: context.timeZone, points: true }));
  }
  return rows;
}

/** The shortest time frame that covers a span (ms). */
function timeframeOf(span: number): Timeframe {
  const day = 86_400_000;
  if (span <= 1.1 * day) return 'day';
  if (span <= 7.1 * day) return 'week';
  return span <= 31 * day ? 'month' : 'year';
}

async function findingFacts(context: ToolContext): Promise<Row> {
  const facts = await healthFacts(context, depthOf(CHECKS));
  const silencesOf = await silences(context);
  const { findings, silenced, unjudged } = healthFindings(facts, { silences: silencesOf });
  context.freshness.unseen.push(...unjudged.map(({ what, reason }) => ({ what, reason, since: null })));
  const counts = SEVERITIES.map(one => [one, findings.filter(({ severity }) => severity === one).length]);
  return {
    rows: await findingRows(findings.slice(0, ROWS_AT_MOST), facts, context.store, silencesOf),
    counts: Object.fromEntries(counts),
    total: findings.length,
    ...silencedRows(silenced, silencesOf, facts),
  };
}

/** Null if nothing is declared. */
async function driftFacts(context: ToolContext): Promise<Row | null> {
  const { store } = context;
  const { declaration, revision, fault } = await declarationInForce(context);
  if (revision === null && fault === undefined) return null;
  const found = await compareWith(declaration, { store, now: await clusterNow(context) });
  const rows = ordered(found, 'asc');
  const to = (await store.lastCommit())?.seq ?? 0;
  return {
    rows: await driftRows(rows.slice(0, ROWS_AT_MOST), context, { to, declaredIs: 'from' }),
    counts: { resources: found.covered, ...countFindings(found) },
    total: rows.length,
    revision: revision?.number ?? 0,
    fault,
  };
}
