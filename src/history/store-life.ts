import { UsageError } from '../errors.ts';
import { NEWEST_SEQ, type StoreLine, type StoreReader } from '../model/store.ts';
import { formatTime } from './moment.ts';
import type { Place } from './place.ts';

/** The place of a sequence number read from this store. */
export async function placeAt(store: StoreReader, seq: number): Promise<Place> {
  const [lines, at] = await Promise.all([store.lines(), timeAt(store, seq)]);
  return placeOn(lines, seq, at ?? 0);
}

/** The place of the newest commit; 0 in a store without any. */
export async function newestPlace(store: StoreReader): Promise<Place> {
  const [lines, newest] = await Promise.all([store.lines(), store.lastCommit()]);
  return placeOn(lines, newest?.seq ?? 0, newest?.at ?? 0);
}

function placeOn(lines: readonly StoreLine[], seq: number, at: number): Place {
  const line = lines.findLast((one, index) => index === 0 || seq > one.from);
  return { seq, line: line?.id ?? '', at };
}

/**
 * Makes sure that a place from outside belongs to this store as it is now.
 * @throws UsageError that says why it does not, with the nearest moment.
 */
export async function checkPlace(store: StoreReader, place: Place, timeZone: string): Promise<void> {
  const [lines, newest] = await Promise.all([store.lines(), store.lastCommit()]);
  const index = lines.findIndex(line => line.id === place.line);
  if (index === -1)
    throw await refusal(store, 'comes from another store, or another life of this one', place.at, timeZone);
  const fork = lines[index + 1]?.from;
  if (place.seq > (fork ?? Number.POSITIVE_INFINITY))
    throw await refusal(store, BACKUP, (await timeAt(store, fork!)) ?? 0, timeZone);
  if (place.seq > (newest?.seq ?? 0)) throw await refusal(store, BACKUP, place.at, timeZone);
  // A commit without changes may have been trimmed: then the one before it must be older.
  const exact = (await store.commit(place.seq))?.at;
  const before = exact ?? (await timeAt(store, place.seq)) ?? 0;
  if (exact === undefined ? before > place.at : exact !== place.at)
    throw await refusal(store, BACKUP, place.at, timeZone);
}

const BACKUP = 'is of what this store no longer holds: it was put back to a backup from before';

/** The refusal of a token that names no store, as those of earlier versions. */
export function unplaced(store: StoreReader, seq: number, timeZone: string): Promise<UsageError> {
  return timeAt(store, seq).then(at =>
    refusal(
      store,
      'names no store, so it may come from another store or another life of this one',
      at ?? 0,
      timeZone,
    ),
  );
}

async function refusal(store: StoreReader, why: string, at: number, timeZone: string): Promise<UsageError> {
  const nearest = (await store.commitAt(at)) ?? (await store.firstCommit());
  return new UsageError(`That token ${why}.`, {
    hint:
      nearest === null
        ? 'Nothing is recorded in this store yet.'
        : `Name a time instead: the nearest moment here is ${formatTime(nearest.at, timeZone)}.`,
  });
}

async function timeAt(store: StoreReader, seq: number): Promise<number | null> {
  const commit = seq <= NEWEST_SEQ ? await store.commit(seq) : null;
  return commit?.at ?? (await store.versions({ to: seq }, { limit: 1 }))[0]?.at ?? null;
}
