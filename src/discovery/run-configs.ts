import type { GuestConfigEntity, GuestEntity } from '../model/entity.ts';
import type { GuestReading } from '../model/observation.ts';
import { GUEST_TYPES } from '../model/resource.ts';
import { ProxmoxError } from '../proxmox/proxmox-error.ts';
import { readGuest } from './collect-guest.ts';
import type { RunContext } from './context.ts';
import { destroyedGuests } from './evidence.ts';
import { guestKey } from './guest-key.ts';
import { judgeConfigs } from './judge-configs.ts';
import { count } from './run-inventory.ts';
import { configKeysOf, guestVersion } from './versions.ts';
import { unconfirmedReason } from './witness.ts';

/** So many configurations make one commit: a reader never waits long, and a crash loses little. */
const BATCH = 300;
/** A task this recent may have changed the configuration after it was read (ms): the API's clock is not ours. */
const TASK_SLACK_MS = 30_000;

/**
 * Reads the configurations that are due and commits them in batches: of guests never read, of those whose row or task
 * moved, of those asked for, and of the oldest beyond the max age.
 */
export async function runConfigs(context: RunContext): Promise<void> {
  const { store, inventory } = context;
  const due = dueGuests(context);
  const failures = new Map<string, { guests: number; since: number | null; what: string }>();
  for (let start = 0; start < due.length; start += BATCH) {
    if (start > 0 && context.shouldStop()) break;
    const batch = due.slice(start, start + BATCH);
    const stored = new Map((await store.configs(batch)).map(config => [guestKey(config), config]));
    const readings = await Promise.all(
      batch.map(guest => read(context, guest, stored.get(guestKey(guest)), failures)),
    );
    await commitBatch(
      context,
      readings.filter(reading => reading !== null),
      stored,
    );
  }
  for (const [reason, { guests, since, what }] of failures) {
    context.run.unseen.push({
      what: guests === 1 ? `config of ${what}` : `config of ${guests} guests`,
      since,
      reason,
    });
  }
  const oldest = [...context.guests.values()].filter(guest => inventory.online.has(guest.nodeId));
  const complete = failures.size === 0 && oldest.every(guest => guest.configSeen !== null);
  await store.commitFacet(
    context.lease,
    {
      runId: context.run.id,
      facet: 'config',
      observedAt: oldestReading(oldest, inventory.observedAt),
      complete,
    },
    async () => {},
  );
  context.committed('config', []);
}

/** The age of the configurations as a whole is that of the oldest one. */
function oldestReading(guests: GuestEntity[], observedAt: number): number {
  return guests.reduce((oldest, guest) => Math.min(oldest, guest.configSeen ?? oldest), observedAt);
}

/** Guests whose configuration is to be read in this run, the most pressing first. */
export function dueGuests(context: RunContext): GuestEntity[] {
  const { guests, inventory, readings, request, limits, tasks } = context;
  const named = new Map<string, number>();
  for (const task of tasks?.tasks ?? []) {
    const key = `${task.resourceType}/${task.resourceId}`;
    named.set(key, Math.max(named.get(key) ?? 0, task.endTime ?? task.startTime));
  }
  const rows = new Map(inventory.guests.map(row => [guestKey(row), row]));
  const pressing: GuestEntity[] = [];
  const aged: GuestEntity[] = [];
  for (const [key, guest] of guests) {
    if (!inventory.online.has(guest.nodeId) || !rows.has(key)) continue;
    const task = named.get(key);
    const isDue =
      request.deep ||
      request.guests.has(key) ||
      readings.has(key) ||
      guest.configSeen === null ||
      (task !== undefined && task > guest.configSeen - TASK_SLACK_MS);
    if (isDue) pressing.push(guest);
    else if (request.facets.has('config') && inventory.observedAt - guest.configSeen! > limits.configMaxAge)
      aged.push(guest);
  }
  aged.sort((a, b) => a.configSeen! - b.configSeen!);
  return [...pressing, ...aged.slice(0, limits.agedConfigsAtMost)];
}

async function read(
  context: RunContext,
  guest: GuestEntity,
  stored: GuestConfigEntity | undefined,
  failures: Map<string, { guests: number; since: number | null; what: string }>,
): Promise<GuestReading | null> {
  const key = guestKey(guest);
  const heard = context.readings.get(key);
  if (heard !== undefined) return heard;
  try {
    const target = {
      type: guest.type,
      id: guest.id,
      node: guest.nodeId,
      live: false,
      hadSnapshots: Object.keys(stored?.snapshots ?? {}).length > 0,
      identity: guest.identity,
    };
    return await readGuest(context.api, target, context.now);
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    const reason = unconfirmedReason(error);
    const failure = failures.get(reason) ?? { guests: 0, since: guest.configSeen, what: key };
    failures.set(reason, { ...failure, guests: failure.guests + 1 });
    return null;
  }
}

async function commitBatch(
  context: RunContext,
  readings: GuestReading[],
  stored: Map<string, GuestConfigEntity>,
): Promise<void> {
  if (readings.length === 0) return;
  const { store, lease, run } = context;
  const rows = new Map(context.inventory.guests.map(row => [guestKey(row), row]));
  const cases = readings.flatMap(reading => {
    const known = context.guests.get(guestKey(reading));
    return known === undefined
      ? []
      : [{ reading, known, config: stored.get(guestKey(reading)) ?? null, row: rows.get(guestKey(reading)) }];
  });
  const verdict = judgeConfigs(cases, destroyedGuests(context.tasks, context.guests));
  const versions = verdict.changes.map(change =>
    guestVersion(change, 'config', stored.get(guestKey((change.after ?? change.before)!)) ?? null),
  );
  const touched = new Set(configKeysOf(verdict.changes).map(guestKey));
  await store.commitFacet(
    lease,
    { runId: run.id, facet: 'config', observedAt: context.inventory.observedAt, complete: false },
    async commit => {
      for (const type of GUEST_TYPES) {
        const rows = verdict.upserts.filter(guest => guest.type === type);
        await commit.upsertGuests(
          type,
          rows.filter(guest => touched.has(guestKey(guest))),
        );
        await commit.markConfigsSeen(
          type,
          rows
            .filter(guest => !touched.has(guestKey(guest)))
            .map(guest => ({ id: guest.id, identity: guest.identity, seen: guest.configSeen! })),
        );
      }
      await commit.upsertConfigs(verdict.configs);
      await commit.insertVersions(versions);
    },
  );
  for (const guest of verdict.upserts) context.guests.set(guestKey(guest), guest);
  for (const reading of readings) context.readings.delete(guestKey(reading));
  count(context, versions);
  context.committed(
    'config',
    versions.map(version => `${version.type}/${version.resourceId}`),
  );
}
