import { countFindings } from '../../desired/comparison.ts';
import { UsageError } from '../../errors.ts';
import { formatTime, placeToken } from '../../history/moment.ts';
import { placeAt } from '../../history/store-life.ts';
import { decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { ResourceKey, ResourceType } from '../../model/resource.ts';
import { BEFORE_HISTORY, historyStart } from '../changes/history-start.ts';
import { hints } from '../format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../format/page.ts';
import { limitsOfSight } from '../limits-of-sight.ts';
import { resolveMoment } from '../moments.ts';
import { compareWith, ordered } from './compare.ts';
import { declarationInForce } from './in-force.ts';
import { driftRows } from './rows.ts';

/** The arguments of `diff_state` where one side is the declaration. */
export interface DeclaredInput {
  from?: string | undefined;
  to?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  type?: ResourceType | undefined;
  node?: string | undefined;
  change?: string | undefined;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

const DECLARED = /^\s*declared\s*$/i;

/** Whether a comparison is with the declaration. */
export function isWithDeclared({ from, to, since, until }: DeclaredInput): boolean {
  return [from ?? since, to ?? until].some(side => side !== undefined && DECLARED.test(side));
}

/**
 * How the cluster differs from the declaration now or at a moment, page by page. @throws UsageError where both sides are declared
 */
export async function declaredDifference(
  input: DeclaredInput,
  resource: { key: ResourceKey; note: string | undefined } | undefined,
  context: ToolContext,
) {
  const { store, timeZone, now } = context;
  const [from, to] = [input.from ?? input.since, input.to ?? input.until];
  const declaredIs = from !== undefined && DECLARED.test(from) ? 'from' : 'to';
  const side = (declaredIs === 'from' ? to : from) ?? 'now';
  if (DECLARED.test(side))
    throw new UsageError('Both sides are what is declared.', {
      hint: 'Give one side a moment, or leave it out for now.',
    });
  const inForce = await declarationInForce(context);
  const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
  const [pinnedRevision, pinnedNow] = cursor?.pins ?? [];
  const revision = pinnedRevision === undefined ? inForce.revision : await store.revision(pinnedRevision);
  const asked = await resolveMoment(side, 'end', context);
  const newest = (await store.lastCommit())?.seq ?? 0;
  const seq = cursor?.seq ?? Math.min(asked.seq, newest);
  const at = pinnedNow ?? asked.at;
  const findings = await compareWith(
    revision?.content ?? inForce.declaration,
    { store, now: at },
    {
      resource: resource?.key,
      type: input.type,
      node: input.node,
      change: input.change,
      seq: seq < newest ? seq : undefined,
    },
  );
  const found = ordered(findings, input.order ?? 'asc');
  const offset = cursor?.offset ?? 0;
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await driftRows(found.slice(offset, offset + limit), context, { to: seq, declaredIs });
  const page = fitPage(rows, { offset, total: found.length, limit });
  const number = revision?.number ?? 0;
  const start = await historyStart(store);
  return {
    from: declaredIs === 'from' ? 'declared' : formatTime(at, timeZone),
    to: declaredIs === 'to' ? 'declared' : formatTime(at, timeZone),
    changes: page.rows,
    total: found.length,
    counts: { resources: findings.covered, ...countFindings(findings) },
    revision: number,
    next_from: placeToken(await placeAt(store, seq)),
    ...(page.nextOffset !== null && {
      next_cursor: encodeCursor({ seq, offset: page.nextOffset, pins: [number, at] }, { ...input }),
    }),
    ...(start && { history_starts_at: formatTime(start.at, timeZone) }),
    ...hints(
      resource?.note,
      inForce.fault,
      asked.beforeHistory && BEFORE_HISTORY,
      number === 0 && 'Nothing is declared yet: declare_state does that.',
      number > 0 &&
        found.length === 0 &&
        (await nothingText(findings.covered, number, context, asked.at ?? now)),
    ),
  };
}

async function nothingText(
  covered: number,
  revision: number,
  context: ToolContext,
  until: number,
): Promise<string> {
  if (covered === 0) return `No rule of revision ${revision} is about any of these.`;
  const limits = await limitsOfSight(context, until);
  const [all, are] = covered === 1 ? ['The one resource', 'is'] : [`All ${covered} resources`, 'are'];
  const about = `that rules of revision ${revision} are about`;
  return limits === null
    ? `${all} ${about} ${are} as declared.`
    : `No drift was seen of ${all.toLowerCase()} ${about}, ${limits}`;
}
