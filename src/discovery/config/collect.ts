import { pMapIterable, pMapSkip } from 'p-map';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import { guestKey, taskKey } from '../../model/resource.ts';
import { ourTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { unreadReason } from '../common/failure-reason.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { readGuest } from '../guests/read.ts';
import { findReplaced } from '../guests/replaced.ts';
import { possiblyReused, type Reused } from '../guests/reused-vmids.ts';
import { isSameContainer } from '../guests/task-doubts.ts';
import {
  type ConfigCase,
  type ConfigClocks,
  type ConfigsObserved,
  decideConfigs,
  timesOf,
} from './decide.ts';
import { dueGuests, TASK_SLACK_MS } from './due.ts';
import { Failures, stillUnread } from './failures.ts';

/** Maximum configurations per commit: a reader never waits long, and a crash loses little. */
const BATCH = 300;
/** Guests read at once: more than the requests that may run at a time, but few enough to hold in memory. */
const READ_TOGETHER = 64;

/** A guest whose configuration is due, and the configuration known so far. */
interface Due {
  guest: GuestEntity;
  stored: GuestConfigEntity | null;
}
interface Read extends Due {
  reading: GuestReading;
}

/**
 * Reads the configurations that are due, in batches: of guests never read, of those whose row or task moved, of those asked for,
 * and of the oldest beyond the maximum age. What could not be read comes last. Yields nothing where none is due or wanted.
 */
export async function* collectConfigs(
  scope: DiscoveryScope,
  ground: Ground,
  wanted: boolean,
): AsyncGenerator<ConfigsObserved> {
  const due = await dueGuests(scope, ground);
  if (!wanted && due.length === 0) return;
  const failures = new Failures();
  const warnings = due.length > 0 ? await scope.clocks.read({ ...scope, inventory: ground.inventory }) : [];
  const clocks = clocksOf(scope, ground);
  const unseen: Unseen[] = [];
  // A batch makes the whole no younger: if the run ends here, the rest is as old as before.
  const last = await scope.store.lastCommit('config');
  const observedAt = last?.observedAt ?? ourTime(0);
  const [before] = last === null ? [] : await scope.store.runs([last.runId]);
  const asked = new Set(due.map(guestKey));
  unseen.push(...stillUnread(before?.unseen ?? [], key => ground.guests.has(key) && !asked.has(key)));
  for await (const batch of inBatches(readings(scope, ground, due, failures))) {
    const cases = await casesOf(scope, ground, batch);
    const reused = await maybeReused(scope, ground, cases, clocks);
    unseen.push(...reused.unseen);
    const certain = cases.filter(one => !reused.doubtful.has(guestKey(one.known)));
    yield { clocks, cases: certain, observedAt, end: null };
  }
  scope.feed.expect(0);
  yield { clocks, cases: [], observedAt, end: { unseen: [...unseen, ...failures.unseen()], warnings } };
}

function readings(
  scope: DiscoveryScope,
  ground: Ground,
  due: GuestEntity[],
  failures: Failures,
): AsyncIterable<Read> {
  let unasked = due.length;
  return pMapIterable(
    withStored(scope, due),
    async one => {
      scope.feed.expect(--unasked);
      const reading = await read(scope, ground, one, failures);
      if (reading === null) return pMapSkip;
      for (const [part, reason] of Object.entries(reading.refused))
        failures.add(part as keyof GuestReading['refused'], reason, one.guest);
      return { ...one, reading };
    },
    // The API need not wait for the database: the next batch is read while one is written.
    { concurrency: READ_TOGETHER, backpressure: BATCH },
  );
}

async function* inBatches<T>(all: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const one of all) {
    batch.push(one);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Ends early where the run should: the rest is due again in the next one. */
async function* withStored(scope: DiscoveryScope, due: GuestEntity[]): AsyncGenerator<Due> {
  for (let start = 0; start < due.length && (start === 0 || !scope.shouldStop()); start += BATCH) {
    const guests = due.slice(start, start + BATCH);
    const known = await scope.store.configs(guests.filter(guest => guest.configSeen !== null));
    const stored = new Map(known.map(config => [guestKey(config), config]));
    for (const guest of guests) yield { guest, stored: stored.get(guestKey(guest)) ?? null };
  }
}

async function read(
  { api, now }: DiscoveryScope,
  ground: Ground,
  { guest, stored }: Due,
  failures: Failures,
): Promise<GuestReading | null> {
  const known = ground.readings.get(guestKey(guest));
  if (known !== undefined) return known;
  try {
    const target = {
      type: guest.type,
      id: guest.id,
      node: guest.nodeId,
      live: false,
      hadSnapshots: Object.keys(stored?.snapshots ?? {}).length > 0,
      identity: guest.identity,
    };
    return await readGuest(api, target, now);
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    failures.add('config', unreadReason(error), guest);
    return null;
  }
}

/** Joins each reading with what is known of the guest. */
async function casesOf(scope: DiscoveryScope, ground: Ground, batch: Read[]): Promise<ConfigCase[]> {
  const readings = batch.map(({ guest, stored, reading }) => ({ known: guest, former: stored, reading }));
  const [rolledBack, replaced] = await Promise.all([
    rolledBackGuests(scope, ground, batch),
    findReplaced(scope, ground, readings),
  ]);
  return batch.map(({ guest, reading, stored }) => {
    const key = guestKey(guest);
    const row = ground.inventory.listed.get(key);
    const replacedAt = replaced.get(key);
    return {
      reading,
      known: guest,
      config: stored,
      row,
      rolledBack: rolledBack.has(key),
      ...(replacedAt !== undefined && { replacedAt }),
    };
  });
}

/** Which of these readings may belong to a new guest with the same VMID. A first reading changes nothing, and so cannot. */
function maybeReused(
  scope: DiscoveryScope,
  ground: Ground,
  cases: ConfigCase[],
  clocks: ConfigClocks,
): Promise<Reused> {
  const former = cases.filter(one => one.config !== null);
  const sure = former.filter(
    ({ known, config, reading }) => known.type === 'container' && isSameContainer(known, config, reading),
  );
  const { changes } = decideConfigs(former, timesOf(clocks));
  return possiblyReused(scope, ground, changes, new Set(sure.map(one => guestKey(one.known))));
}

/** How far the cluster's clock is ahead of ours, and each node's ahead of the cluster's (ms). */
function clocksOf({ clockOffset, clocks }: DiscoveryScope, { inventory }: Ground): ConfigsObserved['clocks'] {
  const ahead = [...inventory.online].map(node => [node, clocks.ahead(node)] as const);
  return { offset: clockOffset(), ahead: new Map(ahead.filter(([, by]) => by !== 0)) };
}

/** Guests rolled back since their configuration was last read: a VM's vmgenid differs, or a task says so. */
async function rolledBackGuests(
  { store }: DiscoveryScope,
  { clock }: Ground,
  batch: Read[],
): Promise<Set<string>> {
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
        taskKey(task) === guestKey(one.guest) &&
        (task.endTime ?? task.startTime) >= read(one) - TASK_SLACK_MS,
    );
  return new Set(first.filter(one => renewed(one) || tasked(one)).map(one => guestKey(one.guest)));
}
