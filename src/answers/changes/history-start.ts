import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Step } from '../../model/change.ts';
import type { CommitEntity } from '../../model/entity.ts';
import type { ResourceType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import type { Resolved } from '../moments.ts';

/** The first commit of which nothing was dropped: before it history is not whole. Null in an empty store. */
export function historyStart(store: StoreReader): Promise<CommitEntity | null> {
  return store.firstCommit();
}

/** Said of a moment before history starts; `history_starts_at` stands beside it. */
export const BEFORE_HISTORY =
  'That moment lies before history starts (history_starts_at): what there was then is not known.';

/** The refusal of such a moment where nothing can be made of it, with the first one that will do. */
export async function beforeHistory({
  store,
  timeZone,
}: Pick<ToolContext, 'store' | 'timeZone'>): Promise<UsageError> {
  const first = await historyStart(store);
  if (first === null) return new UsageError('Nothing is recorded yet: what there was then is not known.');
  const start = formatTime(first.at, timeZone);
  return new UsageError(
    `That moment lies before history starts (${start}): what there was then is not known.`,
    {
      hint: `Name a moment from ${start} on.`,
    },
  );
}

/** When history starts, for the answer to a question about a moment before that. */
export async function beginningOf(
  store: StoreReader,
  moment: Pick<Resolved, 'beforeHistory'> | null | undefined,
  timeZone: string,
): Promise<{ history_starts_at?: string }> {
  const first = moment?.beforeHistory ? await historyStart(store) : null;
  return first === null ? {} : { history_starts_at: formatTime(first.at, timeZone) };
}

/**
 * Where the first run ended: what it found had been there before, so finding it was no change. Where older history was
 * dropped, its beginning: everything was known there. 0 in an empty store.
 */
export async function firstSightEnd(store: StoreReader, first: CommitEntity | null): Promise<number> {
  if (first === null) return 0;
  if ((await store.countVersions({ to: first.seq - 1 }, 1)) > 0) return first.seq;
  return ((await store.commitsOfRun(first.runId)).at(-1) ?? first).seq;
}

/** A start before history begins where the first run ended. */
export async function skipFirstSight(
  store: StoreReader,
  start: CommitEntity | null,
  from: Resolved,
): Promise<Resolved> {
  const end = await firstSightEnd(store, start);
  return from.seq >= end ? from : { ...from, seq: end };
}

/** The place in the sequence where a kind of resource was first seen, of those of which nothing was known before. */
export type FirstSights = ReadonlyMap<ResourceType, number>;

/**
 * Where kinds of resource come first into sight after `from`: storages are first read by whichever run first needs them,
 * and that made none of them. `versions` hold at least the first one of each resource.
 */
export async function firstSights(
  versions: readonly Pick<Step, 'type' | 'seq'>[],
  from: number,
  store: StoreReader,
): Promise<FirstSights> {
  const first = new Map<ResourceType, number>();
  for (const { type, seq } of versions) first.set(type, Math.min(first.get(type) ?? seq, seq));
  for (const type of first.keys()) {
    if ((await store.countVersions({ type, to: from }, 1)) > 0) first.delete(type);
  }
  return first;
}

/** The versions without those first sights. */
export function dropFirstSights(versions: Step[], sights: FirstSights): Step[] {
  return versions.filter(
    version => version.change !== 'discovered' || version.seq !== sights.get(version.type),
  );
}
