import type { GuestEntity } from '../../model/entity.ts';
import { guestKey, taskKey } from '../../model/resource.ts';
import { earliest, later, latest, type OurTime, toClusterTime } from '../../model/time.ts';
import { age } from '../common/clock.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';

/** A task this recent may have changed the configuration after it was read, since the API's clock is not ours (ms). */
export const TASK_SLACK_MS = 30_000;

/** The age of the configurations as a whole is that of the oldest. Those that could never be read do not count. */
export function oldestReading(guests: readonly GuestEntity[], observedAt: OurTime): OurTime {
  return earliest(observedAt, ...guests.flatMap(guest => guest.configSeen ?? []));
}

/** Guests whose configuration is read in this run, the most pressing first. */
export async function dueGuests(scope: DiscoveryScope, ground: Ground): Promise<GuestEntity[]> {
  const { request, limits } = scope;
  const { guests, inventory, readings, tasks, clock } = ground;
  const named = tasks !== null || request.facets.has('config') ? await namedGuests(scope, ground) : () => 0;
  const pressing: GuestEntity[] = [];
  const aged: GuestEntity[] = [];
  for (const [key, guest] of guests) {
    if (!inventory.online.has(guest.nodeId) || !inventory.listed.has(key)) continue;
    const isDue =
      request.deep ||
      request.guests.has(key) ||
      readings.has(key) ||
      guest.configSeen === null ||
      tasks?.undated.has(guest.id) ||
      named(guest) > clock.recorded(guest.configSeen) - TASK_SLACK_MS;
    if (isDue) pressing.push(guest);
    // A moment that seemed to lie in the future until our clock was set is read again.
    else if (
      request.facets.has('config') &&
      age(guest.configSeen! - clock.redateBy, inventory.observedAt) > limits.configMaxAge
    )
      aged.push(guest);
  }
  aged.sort((a, b) => a.configSeen! - b.configSeen!);
  return [...pressing, ...aged.slice(0, limits.agedConfigsAtMost)];
}

/**
 * When each guest was last named by a task or log line, in the cluster's time. Read from the store, so that no task is missed
 * after a crash, or when another process read it.
 */
async function namedGuests(
  scope: DiscoveryScope,
  { guests, inventory }: Ground,
): Promise<(guest: GuestEntity) => number> {
  const { store, limits } = scope;
  const oldest = oldestReading([...guests.values()], inventory.observedAt);
  // Beyond the maximum age they are due anyway.
  const since =
    toClusterTime(latest(oldest, later(inventory.observedAt, -limits.configMaxAge)), scope.clockOffset()) -
    TASK_SLACK_MS;
  const [tasks, lines] = await Promise.all([
    store.tasks({ since }, { by: 'startTime', order: 'desc' }, { limit: 10_000 }),
    store.logLines({ since }),
  ]);
  const named = new Map<string | null, number>();
  const note = (key: string | null, at: number) => named.set(key, Math.max(named.get(key) ?? 0, at));
  for (const task of tasks.rows) note(taskKey(task), task.endTime ?? task.startTime);
  for (const line of lines) note(String(line.vmid), line.at);
  return guest => Math.max(named.get(guestKey(guest)) ?? 0, named.get(String(guest.id)) ?? 0);
}
