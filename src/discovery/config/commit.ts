import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import { type Committed, committed, countsOf } from '../common/committed.ts';
import { type Ground, withEntries } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { guestVersion, insertVersions } from '../common/versions.ts';
import { changedGuest } from '../guests/changes.ts';
import type { ConfigsDecided } from './decide.ts';
import { oldestReading } from './due.ts';

/** Writes a batch of configurations, or at the end the age of all of them. */
export function commitConfigs(
  scope: DiscoveryScope,
  ground: Ground,
  decided: ConfigsDecided,
): Promise<Committed> {
  return decided.end === null ? commitBatch(scope, ground, decided) : commitEnd(scope, ground, decided.end);
}

async function commitBatch(
  scope: DiscoveryScope,
  ground: Ground,
  { verdict, stored, read, observedAt }: ConfigsDecided,
): Promise<Committed> {
  const { store, lease, runId, feed } = scope;
  const versions = verdict.changes.map(change =>
    guestVersion(change, 'config', stored.get(guestKey(changedGuest(change))) ?? null),
  );
  const head = { runId, facet: 'config', observedAt, complete: false } as const;
  await store.commitFacet(lease, head, async commit => {
    for (const type of GUEST_TYPES) {
      const upserts = verdict.upserts.filter(guest => guest.type === type);
      await commit.upsertGuests(type, upserts);
      const refreshed = verdict.refreshed.filter(guest => guest.type === type);
      await commit.refreshFromConfigs(type, refreshed);
    }
    await commit.upsertConfigs(verdict.configs);
    await insertVersions({ ...scope, clock: ground.clock }, commit, versions);
  });
  feed.changed(versions);
  const changed = [...verdict.upserts, ...verdict.refreshed].map(guest => [guestKey(guest), guest] as const);
  return committed(
    {
      ...ground,
      guests: withEntries(ground.guests, changed),
      readings: withEntries(ground.readings, [], read),
    },
    { counts: countsOf(versions) },
  );
}

async function commitEnd(
  { store, lease, runId }: DiscoveryScope,
  ground: Ground,
  { unseen, warnings }: NonNullable<ConfigsDecided['end']>,
): Promise<Committed> {
  const { inventory, guests } = ground;
  const online = [...guests.values()].filter(guest => inventory.online.has(guest.nodeId));
  const head = {
    runId,
    facet: 'config',
    observedAt: oldestReading(online, inventory.observedAt),
    complete: online.every(guest => guest.configSeen !== null),
  } as const;
  await store.commitFacet(lease, head, async () => {});
  return committed(ground, { unseen, warnings });
}
