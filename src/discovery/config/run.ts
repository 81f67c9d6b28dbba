import { pMapIterable, pMapSkip } from 'p-map';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import { GUEST_TYPES } from '../../model/resource.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { age, clusterTime } from '../common/clock.ts';
import type { RunContext } from '../common/context.ts';
import { unreadReason } from '../common/failure-reason.ts';
import { guestKey } from '../common/guest-key.ts';
import { guestVersion, insertVersions } from '../common/versions.ts';
import { readGuest } from '../guests/collect.ts';
import { maybeSuccessors } from '../guests/reused-vmids.ts';
import { count } from '../inventory/run.ts';
import { type ConfigCase, decideConfigs } from './decide.ts';
import { Failures } from './failures.ts';

/** So many configurations make one commit: a reader never waits long, and a crash loses little. */
const BATCH = 300;
/** Guests asked at once: more than requests that may go out at once, fewer than would pile up in memory. */
const READ_TOGETHER = 64;
/** A task this recent may have changed the configuration after it was read (ms): the API's clock is not ours. */
const TASK_SLACK_MS = 30_000;

/**
 * Reads the configurations that are due and commits them in batches: of guests never read, of those whose row or task
 * moved, of those asked for, and of the oldest beyond the max age.
 */
export async function runConfigs(context: RunContext, due: GuestEntity[]): Promise<void> {
  const { store, inventory } = context;
  const failures = new Failures();
  if (due.length > 0) await context.clocks.read(context);
  const observedAt = await previousAge(context);
  let unasked = due.length;
  const readings = pMapIterable(
    withStored(context, due),
    async one => {
      context.expect(--unasked);
      const reading = await read(context, one, failures);
      if (reading === null) return pMapSkip;
      for (const [part, reason] of Object.entries(reading.refused))
        failures.add(part as keyof GuestReading['refused'], reason, one.guest);
      return { ...one, reading };
    },
    // The API need not wait for the database: the next batch is on its way while one is written.
    { concurrency: READ_TOGETHER, backpressure: BATCH },
  );
  let batch: Read[] = [];
  for await (const one of readings) {
    batch.push(one);
    if (batch.length < BATCH) continue;
    await commitBatch(context, batch, observedAt);
    batch = [];
  }
  await commitBatch(context, batch, observedAt);
  context.expect(0);
  context.run.unseen.push(...failures.unseen());
  const oldest = [...context.guests.values()].filter(guest => inventory.online.has(guest.nodeId));
  const complete = oldest.every(guest => guest.configSeen !== null);
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
}

/** A guest whose configuration is due, and the configuration known so far. */
interface Due {
  guest: GuestEntity;
  stored: GuestConfigEntity | null;
}
interface Read extends Due {
  reading: GuestReading;
}

/** Ends early where the run should: what is left is due again in the next one. */
async function* withStored(context: RunContext, due: GuestEntity[]): AsyncGenerator<Due> {
  for (let start = 0; start < due.length && (start === 0 || !context.shouldStop()); start += BATCH) {
    const guests = due.slice(start, start + BATCH);
    const known = await context.store.configs(guests.filter(guest => guest.configSeen !== null));
    const stored = new Map(known.map(config => [guestKey(config), config]));
    for (const guest of guests) yield { guest, stored: stored.get(guestKey(guest)) ?? null };
  }
}

/** The age of the configurations as a whole is that of the oldest one. Those that could not be read do not count. */
function oldestReading(guests: GuestEntity[], observedAt: number): number {
  return guests.reduce((oldest, guest) => Math.min(oldest, guest.configSeen ?? oldest), observedAt);
}

/**
 * When each guest was last named by a task or a log line, in the cluster's time. Asked of the store, so that neither a
 * crash nor another process that read the tasks makes one forgotten.
 */
async function namedGuests(context: RunContext): Promise<(guest: GuestEntity) => number> {
  const { store, guests, inventory, limits } = context;
  const oldest = oldestReading([...guests.values()], inventory.observedAt);
  // Beyond the max age they are due anyway.
  const since =
    clusterTime(context, Math.max(oldest, inventory.observedAt - limits.configMaxAge)) - TASK_SLACK_MS;
  const [tasks, lines] = await Promise.all([
    store.tasks({ since }, { by: 'startTime', order: 'desc' }, { limit: 10_000 }),
    store.logLines({ since }),
  ]);
  const named = new Map<string, number>();
  const note = (key: string, at: number) => named.set(key, Math.max(named.get(key) ?? 0, at));
  for (const task of tasks.rows)
    note(`${task.resourceType}/${task.resourceId}`, task.endTime ?? task.startTime);
  for (const line of lines) note(String(line.vmid), line.at);
  return guest => Math.max(named.get(guestKey(guest)) ?? 0, named.get(String(guest.id)) ?? 0);
}

/** Guests whose configuration is to be read in this run, the most pressing first. */
export async function dueGuests(context: RunContext): Promise<GuestEntity[]> {
  const { guests, inventory, readings, request, limits, tasks } = context;
  const named = tasks !== null || request.facets.has('config') ? await namedGuests(context) : () => 0;
  const pressing: GuestEntity[] = [];
  const aged: GuestEntity[] = [];
  for (const [key, guest] of guests) {
    if (!inventory.online.has(guest.nodeId) || !inventory.listed.has(key)) continue;
    const isDue =
      request.deep ||
      request.guests.has(key) ||
      readings.has(key) ||
      guest.configSeen === null ||
      named(guest) > context.clock.recorded(guest.configSeen) - TASK_SLACK_MS;
    if (isDue) pressing.push(guest);
    // What seemed to lie in the future until our clock was set is read again.
    else if (
      request.facets.has('config') &&
      age(guest.configSeen! - context.clock.redateBy, inventory.observedAt) > limits.configMaxAge
    )
      aged.push(guest);
  }
  aged.sort((a, b) => a.configSeen! - b.configSeen!);
  return [...pressing, ...aged.slice(0, limits.agedConfigsAtMost)];
}

/** A batch makes the whole no younger: if the run ends here, the rest is as old as before. */
async function previousAge({ store }: RunContext): Promise<number> {
  return (await store.lastCommit('config'))?.observedAt ?? 0;
}

async function read(
  context: RunContext,
  { guest, stored }: Due,
  failures: Failures,
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
    failures.add('config', unreadReason(error), guest);
    return null;
  }
}

/** Guests that were rolled back since their configuration was last read: a VM has another vmgenid since, and a task tells. */
async function rolledBackGuests({ store, clock }: RunContext, batch: Read[]): Promise<Set<string>> {
  const first = batch.filter(({ reading, stored }) => {
    const listed = Object.keys(reading.snapshots ?? {}).length > 0;
    return stored !== null && listed && Object.keys(stored.snapshots).length === 0;
  });
  if (first.length === 0) return new Set();
  const read = ({ guest, stored }: Read) => clock.recorded(guest.configSeen ?? stored!.observedAt);
  const { rows } = await store.tasks({
    types: ['qmrollback', 'vzrollback'],
    since: Math.min(...first.map(read)) - TASK_SLACK_MS,
  });
  const renewed = ({ reading, stored }: Read) => reading.config['vmgenid'] !== stored!.config['vmgenid'];
  const tasked = (one: Read) =>
    rows.some(
      task =>
        `${task.resourceType}/${task.resourceId}` === guestKey(one.guest) &&
        (task.endTime ?? task.startTime) >= read(one) - TASK_SLACK_MS,
    );
  return new Set(first.filter(one => renewed(one) || tasked(one)).map(one => guestKey(one.guest)));
}

async function commitBatch(context: RunContext, batch: Read[], observedAt: number): Promise<void> {
  if (batch.length === 0) return;
  const { store, lease, run, inventory } = context;
  const stored = new Map(batch.map(one => [guestKey(one.guest), one.stored]));
  const rolledBack = await rolledBackGuests(context, batch);
  const cases = batch.flatMap(({ guest, reading, stored }): ConfigCase[] => {
    const key = guestKey(guest);
    const known = context.guests.get(key);
    if (known === undefined) return [];
    const row = inventory.listed.get(key);
    return [{ reading, known, config: stored, row, rolledBack: rolledBack.has(key) }];
  });
  const decide = (some: ConfigCase[]) =>
    decideConfigs(some, {
      cluster: at => clusterTime(context, at),
      node: (at, node) => clusterTime(context, at) + context.clocks.ahead(node),
    });
  let verdict = decide(cases);
  const doubtful = await maybeSuccessors(context, verdict.changes);
  if (doubtful.size > 0) verdict = decide(cases.filter(one => !doubtful.has(guestKey(one.known))));
  const versions = verdict.changes.map(change =>
    guestVersion(change, 'config', stored.get(guestKey((change.after ?? change.before)!)) ?? null),
  );
  await store.commitFacet(
    lease,
    { runId: run.id, facet: 'config', observedAt, complete: false },
    async commit => {
      for (const type of GUEST_TYPES) {
        await commit.upsertGuests(
          type,
          verdict.upserts.filter(guest => guest.type === type),
        );
        await commit.refreshFromConfigs(
          type,
          verdict.told.filter(guest => guest.type === type),
        );
      }
      await commit.upsertConfigs(verdict.configs);
      await insertVersions(context, commit, versions);
    },
  );
  for (const guest of [...verdict.upserts, ...verdict.told]) context.guests.set(guestKey(guest), guest);
  for (const { reading } of batch) context.readings.delete(guestKey(reading));
  count(context, versions);
  context.committed(versions);
}
