import { guestState } from '../../history/resource-state.ts';
import type { DatedVersion, NewVersion } from '../../model/change.ts';
import type { GuestConfigEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import { type GuestType, guestKey } from '../../model/resource.ts';
import type { CommitWriter } from '../../model/store.ts';
import { type ClusterTime, earliest, type OurTime, toClusterTime } from '../../model/time.ts';
import { configEntity } from '../config/config-entity.ts';
import { changedGuest, type GuestChange } from '../guests/changes.ts';
import type { ClockMemory, ClockOffset } from './clock.ts';

/** Most versions in memory at once: each holds a complete state. */
const AT_ONCE = 1_000;

/** Writes versions. Their windows are in the cluster's time, as are the tasks and log lines that may be their causes. */
export async function insertVersions(
  times: ClockOffset & { clock: ClockMemory },
  commit: CommitWriter,
  versions: Iterable<NewVersion>,
): Promise<void> {
  let some: DatedVersion[] = [];
  for (const version of versions) {
    some.push({
      ...version,
      windowAfter:
        version.windowAfter === null
          ? null
          : began(times, earliest(version.windowAfter, version.windowBefore)),
      windowBefore: toClusterTime(version.windowBefore, times.clockOffset()),
    });
    if (some.length < AT_ONCE) continue;
    await commit.insertVersions(some);
    some = [];
  }
  await commit.insertVersions(some);
}

/** A guest's change as a version, with its complete state from now on (for a deletion, its last state). */
export function guestVersion(
  change: GuestChange,
  facet: Facet,
  stored: GuestConfigEntity | null,
): NewVersion {
  const guest = changedGuest(change);
  // For a life that begins, unread parts are unknown: what is stored belongs to the life before.
  const config =
    change.after !== null && change.reading && facet === 'config'
      ? configEntity(change.reading, change.before === null ? null : stored)
      : stored;
  return {
    type: guest.type,
    resourceId: String(guest.id),
    incarnation: guest.incarnation,
    change: change.change,
    facet,
    name: guest.name,
    node: guest.nodeId,
    fields: change.fields,
    state: guestState(guest, config),
    windowAfter: change.windowAfter,
    windowBefore: change.windowBefore,
  };
}

/** The guests whose stored configurations these changes need. */
export function configKeysOf(changes: GuestChange[]): { type: GuestType; id: number }[] {
  const guests = changes.map(changedGuest);
  return [...new Map(guests.map(guest => [guestKey(guest), { type: guest.type, id: guest.id }])).values()];
}

/** Where a clock was set, a window begins at the earlier of the two possible readings. */
function began(times: ClockOffset & { clock: ClockMemory }, at: OurTime): ClusterTime {
  return times.clock.steady ? toClusterTime(at, times.clockOffset()) : times.clock.bounds(at)[0];
}
