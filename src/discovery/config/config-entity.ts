import { isKeptInConfig } from '../../history/normalise.ts';
import type { GuestConfigEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import type { JsonObject } from '../../model/state.ts';

/**
 * The configuration as the store keeps it. A part that could not be read this time keeps its stored value; null where nothing was
 * known yet, which differs from being absent.
 */
export function configEntity(reading: GuestReading, previous: GuestConfigEntity | null): GuestConfigEntity {
  const { keys, shortConfig, shortSnapshots } = reading.unread;
  const config = { ...(shortConfig && previous?.config), ...reading.config };
  const pending = reading.pending && { ...(shortConfig && previous?.pending), ...reading.pending };
  for (const key of keys) {
    if (isKeptInConfig(key)) stand(config, key, previous?.config);
    if (pending !== undefined) stand(pending, key, previous?.pending ?? undefined);
  }
  return {
    type: reading.type,
    id: reading.id,
    config,
    pending: pending ?? previous?.pending ?? null,
    snapshots: snapshotsAfter(reading.snapshots, shortSnapshots, previous?.snapshots ?? {}),
    observedAt: reading.readAt,
  };
}

function snapshotsAfter(
  seen: GuestReading['snapshots'],
  isShort: boolean,
  known: GuestConfigEntity['snapshots'],
): GuestConfigEntity['snapshots'] {
  if (seen === undefined) return known;
  const snapshots = isShort ? { ...known } : {};
  for (const [name, reported] of Object.entries(seen)) {
    const at = reported ?? known[name];
    if (at !== undefined) snapshots[name] = at;
  }
  return snapshots;
}

/** Keeps a key's known value; null where nothing was known yet. */
function stand(now: JsonObject, key: string, before: JsonObject | undefined): void {
  const known = before === undefined ? null : before[key];
  if (known !== undefined) now[key] ??= known;
}
