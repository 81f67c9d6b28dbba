import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Step } from '../../model/change.ts';
import type { CommitEntity } from '../../model/entity.ts';
import type { ResourceType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import type { Resolved } from '../moments.ts';

/** The oldest commit that is kept whole: history is complete from there on. Null in an empty store. */
export function historyStart(store: StoreReader): Promise<CommitEntity | null> {
  return store.firstCommit();
}

/** Said about a moment before history starts; `history_starts_at` is in the same answer. */
export const BEFORE_HISTORY =
  'That moment lies before history starts (history_starts_at): what there was then is not known.';

/** The refusal of a moment before history where there is nothing to show, with the first moment that works. */
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

/** When history starts, for an answer about a moment before that. */
export async function beginningOf(
  store: StoreReader,
  moment: Pick<Resolved, 'beforeHistory'> | null | undefined,
  timeZone: string,
): Promise<{ history_starts_at?: string }> {
  const first = moment?.beforeHistory ? await historyStart(store) : null;
  return first === null ? {} : { history_starts_at: formatTime(first.at, timeZone) };
}

/**
 * Where the first run ended: what it found had been there before, so that finding it was no change. If older history was dropped,
 * where the rest begins, since everything was known there. 0 in an empty store.
 */
export async function firstSightEnd(store: StoreReader, first: CommitEntity | null): Promise<number> {
  if (first === null) return 0;
  if ((await store.countVersions({ to: first.seq - 1 }, 1)) > 0) return first.seq;
  return ((await store.commitsOfRun(first.runId)).at(-1) ?? first).seq;
}

/** Moves a start before history to where the first run ended. */
export async function skipFirstSight(
  store: StoreReader,
  start: CommitEntity | null,
  from: Resolved,
): Promise<Resolved> {
  const end = await firstSightEnd(store, start);
  return from.seq >= end ? from : { ...from, seq: end };
}

/** The sequence number at which each type of resource was first seen, for types of which nothing was known before. */
export type FirstSights = ReadonlyMap<ResourceType, number>;

/**
 * Where types of resource first appear after `from`: storages are first read by whichever run first needs them, which created
 * none of them. `versions` must include the first one of each resource.
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
