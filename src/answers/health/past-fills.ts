import type { Fill } from '../../health/facts.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Detail } from '../../model/detail.ts';
import type { StoreReader } from '../../model/store.ts';
import { topSubjects } from '../usage/top.ts';

/** The time frame asked of Proxmox's record of storages. */
const FRAME = 'month';
/** Storages whose record is read in one call: the fullest ones. */
const ASKED_AT_MOST = 20;
/** Once our own record reaches this far back, it is used alone. */
const OWN_ENOUGH_MS = 10 * 86_400_000;

/**
 * How full these storages were, by `storage@node` (without a node if it is shared): as recorded here and, while that does not
 * reach far back, before it as recorded by Proxmox when it was last read.
 */
export async function pastFills(
  store: StoreReader,
  storages: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Fill['past']>> {
  const [own, theirs] = await Promise.all([
    store.details('storage_fill'),
    store.details(
      'usage',
      storages.map(id => `storage/${id}`),
    ),
  ]);
  const past = new Map<string, Fill['past']>(
    own.map(row => [`${row.subject}@${row.source}`, row.data.samples]),
  );
  for (const row of theirs) {
    const place = placeOf(row);
    if (place === null) continue;
    const since = past.get(place) ?? [];
    const begin = since[0]?.at ?? now;
    if (now - begin < OWN_ENOUGH_MS)
      past.set(place, [...samplesOf(row).filter(one => one.at < begin), ...since]);
  }
  return past;
}

/**
 * Has Proxmox's record of the fullest storages read if our own does not reach back far enough; it is kept for as long as its
 * intervals last. What cannot be read is left as it is.
 */
export async function readPastFills(context: ToolContext): Promise<void> {
  const { store, readUsage, freshness, now } = context;
  if (readUsage === undefined || freshness.stale !== null) return;
  const begins = new Map(
    (await store.details('storage_fill')).map(row => [
      `${row.subject}@${row.source}`,
      row.data.samples[0]?.at ?? now,
    ]),
  );
  const subjects = (await topSubjects(context, 'storage', 'storage', ASKED_AT_MOST)).filter(
    ({ id, on }) => now - (begins.get(`${id}@${on ?? ''}`) ?? now) < OWN_ENOUGH_MS,
  );
  await readUsage(subjects, { timeframe: FRAME, live: true });
}

/** The key of a record in the result; null if it is not of a storage, or of another time frame. */
function placeOf({ subject, source }: Detail<'usage'>): string | null {
  const [frame, node = ''] = source.split('@');
  return frame === FRAME && subject.startsWith('storage/')
    ? `${subject.slice('storage/'.length)}@${node}`
    : null;
}

/** Each interval's average, at the middle of the interval, while the storage had its present size. */
function samplesOf({ data: { from, everyMs, metrics } }: Detail<'usage'>): Fill['past'] {
  const { points = [], capacity = null, capacitySince = 0 } = metrics.storage ?? {};
  return points.flatMap((usedBytes, index) => {
    const at = from + (index + 0.5) * everyMs;
    return usedBytes === null || capacity === null || at < capacitySince
      ? []
      : [{ at, totalBytes: capacity, usedBytes }];
  });
}
