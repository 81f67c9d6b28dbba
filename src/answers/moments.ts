import { UsageError } from '../errors.ts';
import { formatTime, MOMENT_FORMS, parseMoment } from '../history/moment.ts';
import { checkPlace, unplaced } from '../history/store-life.ts';
import type { ToolContext } from '../mcp/define/tool.ts';
import { clusterOffset } from './cluster-clock.ts';
import { quoted } from './format/text.ts';

/** A moment found in history: everything committed up to `seq`. */
export interface Resolved {
  seq: number;
  /** When that was (ms, in the cluster's time). */
  at: number;
  /**
   * The moment lies before the first commit, or before the history that retention kept whole: only some things are known about
   * it.
   */
  beforeHistory: boolean;
  /** `last` was asked for and this client had none. */
  noLast?: boolean;
}

/** The largest number of a run in either engine. */
const NEWEST_RUN = 2_147_483_647;

/** How far ahead of ours a caller's clock may be (ms). */
const CLOCKS_APART_MS = 60_000;

/**
 * Finds a moment in the store. History is dated by the cluster's clock, and so are the moments people name: if ours is wrong, "an
 * hour ago" is an hour before the cluster's present.
 * @throws UsageError for text that is no moment, a start in the future, or a run that never was
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
 * As `resolveMoment`, for a moment whose values are used: a day that has begun will do, one in the future will not.
 * @throws UsageError also for a moment in the future, which would otherwise be taken for the present
 */
export async function resolvePast(text: string, context: Asking): Promise<Resolved> {
  // Refuse a start in the future.
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
  // If the newest look is later than our present, our clock was set back since the offset was learned.
  const now = context.now + (seen > context.now ? 0 : await clusterOffset(store));
  const moment = parseMoment(text, { now, timeZone, edge });
  if (moment.kind === 'time' && edge === 'end' && moment.at >= now) {
    // The present is the newest commit, even if a clock was set back since it was written.
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
  // A commit that changed nothing may have been tidied away: its state is that of the last change before it.
  const at = known?.at ?? (await store.versions({ to: seq }, { limit: 1 }))[0]?.at;
  return { seq, at: at ?? (await store.firstCommit())?.at ?? now };
}

/** More than a day (ms), even the longest one. */
const LONGER_THAN_A_DAY_MS = 26 * 3_600_000;

/** For a start such as `last week` without an end: says that the answer continues to the present, which may not be meant. */
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
