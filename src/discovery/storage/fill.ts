import type { Detail, StorageFillFacts } from '../../model/detail.ts';
import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import type { OurTime } from '../../model/time.ts';

/** How often a storage's use is recorded (ms): its trend needs days, not minutes. */
const SAMPLE_EVERY_MS = 6 * 3_600_000;
/** Samples of sixty days. */
const SAMPLES_AT_MOST = 240;

/** The samples of storage use that are due to be recorded at `observedAt`, each with the earlier ones. */
export function fillsDue(
  previous: readonly Detail<'storage_fill'>[],
  { storages, onNodes }: { storages: readonly StorageEntity[]; onNodes: readonly NodeStorageEntity[] },
  observedAt: OurTime,
): Detail<'storage_fill'>[] {
  const known = new Map(previous.map(row => [`${row.subject}@${row.source}`, row.data]));
  const shared = new Set(storages.filter(storage => storage.shared).map(storage => storage.id));
  const places = [
    ...storages
      .filter(
        ({ id }) => shared.has(id) && onNodes.some(view => view.storageId === id && isSeen(view, observedAt)),
      )
      .map(storage => ({ subject: storage.id, source: '', ...storage })),
    ...onNodes
      .filter(view => !shared.has(view.storageId) && isSeen(view, observedAt))
      .map(view => ({ subject: view.storageId, source: view.nodeId, ...view })),
  ];
  return places.flatMap(({ subject, source, totalBytes, usedBytes }) => {
    if (!totalBytes || usedBytes === null) return [];
    const data = withSample(known.get(`${subject}@${source}`), { at: observedAt, totalBytes, usedBytes });
    return data === null ? [] : [{ topic: 'storage_fill', subject, source, data, observedAt }];
  });
}

/** Whether this look reported the size. */
function isSeen({ active, lastSeen }: NodeStorageEntity, observedAt: OurTime): boolean {
  return active === true && lastSeen === observedAt;
}

/** Null where the last sample is recent enough. Samples later than now, from before a clock was set back, are dropped. */
function withSample(
  known: StorageFillFacts | undefined,
  sample: StorageFillFacts['samples'][number],
): StorageFillFacts | null {
  const before = (known?.samples ?? []).filter(one => one.at <= sample.at);
  if (sample.at - (before.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < SAMPLE_EVERY_MS) return null;
  return { samples: [...before, sample].slice(-SAMPLES_AT_MOST) };
}
