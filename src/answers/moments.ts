import { UsageError } from '../errors.ts';
import { formatTime, MOMENT_FORMS, parseMoment } from '../history/moment.ts';
import { checkPlace, unplaced } from '../history/store-life.ts';
import type { ToolContext } from '../mcp/define/tool.ts';
import { quoted } from './format/text.ts';
import { clusterOffset } from './tasks/span.ts';

/** A moment found in history: everything committed up to `seq`. */
export interface Resolved {
  seq: number;
  /** When that was (ms, in the cluster's time). */
  at: number;
  /**
   * The moment lies before the first commit, or before what retention left whole: of then only some things are known, and
   * not how many others there were.
   */
  beforeHistory: boolean;
  /** `last` was asked for and this client had none. */
  noLast?: boolean;
}

/** Both engines count runs to here. */
const NEWEST_RUN = 2_147_483_647;

/** How far ahead of ours the clock of a caller may be (ms). */
const CLOCKS_APART_MS = 60_000;

/**
 * Finds a moment in the store. History is dated by the cluster's clock, and so are the moments people name: where ours is
 * off, "an hour ago" is an hour before the cluster's present.
 * @throws UsageError for text that is no moment, a start in the future, or a run that never was.
 */
export async function resolveMoment(
  text: string,
  edge: 'start' | 'end',
  context: Asking,
  last?: () => Promise<number | null>,
): Promise<Resolved> {
  const found = await find(text, edge, context, last);
  const first = await context.store.firstCommit();
  return { ...found, beforeHistory: first === null || found.seq < first.seq };
}

/**
 * As `resolveMoment`, for a moment whose values are taken: a day that has begun will do, one that is to come will not.
 * @throws UsageError also for a moment that has not come, which would else be taken for the present.
 */
export async function resolvePast(text: string, context: Asking): Promise<Resolved> {
  // Refuses a start that lies ahead.
  if (parseMoment(text, { ...context, edge: 'start' }).kind === 'time') await find(text, 'start', context);
  return resolveMoment(text, 'end', context);
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone'>;
type Found = Omit<Resolved, 'beforeHistory'>;

async function find(
  text: string,
  edge: 'start' | 'end',
  context: Asking,
  last?: () => Promise<number | null>,
): Promise<Found> {
  const { store, timeZone } = context;
  const seen = (await store.lastCommit('inventory'))?.observedAt ?? 0;
  // Our clock was set back since the offset was learned.
  const now = context.now + (seen > context.now ? 0 : await clusterOffset(store));
  const moment = parseMoment(text, { now, timeZone, edge });
  if (moment.kind === 'time' && edge === 'end' && moment.at >= now) {
    // The present is the newest commit, also where a clock was set back since it was written.
    const newest = await store.lastCommit();
    return { seq: newest?.seq ?? 0, at: now };
  }
  if (moment.kind === 'time' && moment.at > now + CLOCKS_APART_MS)
    throw new UsageError(
      `${quoted(text)} begins at ${formatTime(moment.at, timeZone)}, and now it is ${formatTime(now, timeZone)}.`,
      { hint: 'Name a moment that has passed, such as today, 24h or "yesterday 18:00".' },
    );
  if (moment.kind === 'time') {
    const at = Math.min(moment.at, now);
    const commit = await store.commitAt(at);
    return { seq: commit?.seq ?? 0, at };
  }
  if (moment.kind === 'run') {
    const commits = moment.run > NEWEST_RUN ? [] : await store.commitsOfRun(moment.run);
    const final = commits.at(-1);
    if (final === undefined) {
      const newest = await store.lastCommit();
      const known = newest === null ? '' : ` The newest moment here is ${formatTime(newest.at, timeZone)}.`;
      throw new UsageError(
        `There is no run ${moment.run} in this store: it changed nothing and was tidied away, or it ran before the store was emptied or put back to a backup.`,
        { hint: `Name a time instead, such as 24h or "yesterday 18:00".${known}` },
      );
    }
    return { seq: final.seq, at: final.at };
  }
  if (moment.kind === 'last' && last === undefined)
    throw new UsageError('last is understood by diff_state alone.', { hint: `Use ${MOMENT_FORMS}.` });
  if (moment.kind === 'seq') {
    if (moment.place === null) throw await unplaced(store, moment.seq, timeZone);
    await checkPlace(store, moment.place, timeZone);
  }
  const seq = moment.kind === 'seq' ? moment.seq : await last?.();
  if (seq === null || seq === undefined) return { ...(await find('24h', edge, context)), noLast: true };
  const commit = await store.lastCommit();
  if (commit === null || seq > commit.seq) {
    throw new UsageError('That token comes from another store or from the future.', {
      hint: 'Name a time instead, such as 24h.',
    });
  }
  const known = await store.commit(seq);
  // A commit that changed nothing may have been tidied away: what was true there is what was true at the last change.
  const at = known?.at ?? (await store.versions({ to: seq }, { limit: 1 }))[0]?.at;
  return { seq, at: at ?? (await store.firstCommit())?.at ?? now };
}

/** A stretch as long as this is more than a day (ms), also than the longest one. */
const LONGER_THAN_A_DAY_MS = 26 * 3_600_000;

/** Of a start such as `last week` with no end: that the answer goes on to the present, which the words may not mean. */
export function openEndHint(
  from: string | undefined,
  to: string | undefined,
  { now, timeZone }: Pick<ToolContext, 'now' | 'timeZone'>,
): string | undefined {
  if (from === undefined || to !== undefined) return undefined;
  const start = parseMoment(from, { now, timeZone, edge: 'start' });
  const end = parseMoment(from, { now, timeZone, edge: 'end' });
  if (start.kind !== 'time' || end.kind !== 'time' || end.at >= now) return undefined;
  if (end.at - start.at < LONGER_THAN_A_DAY_MS) return undefined;
  return `This reaches from then to now; pass ${JSON.stringify(from)} as the end, too, for that time alone.`;
}
