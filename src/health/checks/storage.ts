import { hasProcess } from '../../model/status.ts';
import { counted } from '../../text/counted.ts';
import type { Check, Found } from '../check.ts';
import { devicesOf } from '../devices.ts';
import type { GuestHealth, HealthFacts, StorageHealth } from '../facts.ts';
import type { UntilFull } from '../line.ts';
import { isOn } from '../placement.ts';
import { type Trend, trendOf } from '../trend.ts';
import { dayOf, dayRange, daysBetween, gib, percentOf, shortList, whyNotFull } from '../words.ts';

const FULL_PERCENT = { warning: 85, critical: 95 };
/** A storage that will be full within this many days needs attention. */
const FULL_IN_DAYS = { warning: 30, critical: 7 };

/** A storage that is nearly full, or will be soon. */
export const storageFilling: Check = {
  name: 'storage-filling',
  severity: 'warning',
  reason: 'Guests on a full storage stop with I/O errors, and backups to it fail.',
  evidence:
    'Size and use, growth a day by what was recorded here or by Proxmox, and the day it will be full with its spread, or why none can be told.',
  next: 'prune backups, remove unused disks and old snapshots, or enlarge it',
  *find({ storages, now }) {
    for (const storage of storages) {
      if (!storage.enabled) continue;
      for (const fill of storage.fills) {
        if (!fill.totalBytes || fill.usedBytes === null) continue;
        const used = percentOf(fill.usedBytes, fill.totalBytes);
        const where = fill.node === null ? '' : ` on ${fill.node}`;
        const trend = fill.isCurrent ? trendOf(fill, now) : null;
        const days = trend === null || 'why' in trend.full ? null : daysBetween(now, trend.full.at);
        const severity = severityOf(used, days);
        if (severity === null) continue;
        yield {
          resource: `storage/${storage.id}`,
          what: fill.isCurrent
            ? `${used} % full${where}${fullIn(days)}`
            : `was ${used} % full${where} when last seen`,
          evidence: fillEvidence(fill.totalBytes, used, trend),
          severity,
        };
      }
    }
  },
};

function severityOf(used: number, days: number | null): Found['severity'] | null {
  if (used >= FULL_PERCENT.critical || (days !== null && days < FULL_IN_DAYS.critical)) return 'critical';
  return used >= FULL_PERCENT.warning || (days !== null && days < FULL_IN_DAYS.warning) ? 'warning' : null;
}

function fullIn(days: number | null): string {
  if (days === null) return '';
  return days < 1 ? '; full within a day as it grows' : `; full in ${counted(days, 'day')} as it grows`;
}

function fillEvidence(totalBytes: number, used: number, trend: Trend | null): Found['evidence'] {
  return {
    total_gib: gib(totalBytes),
    used_percent: used,
    ...(trend === null
      ? { full_on: whyNotFull('too-little') }
      : {
          grows_gib_per_day: gib(trend.bytesPerDay),
          recorded_days: trend.days,
          ...fullOn(trend.full),
        }),
  };
}

function fullOn(full: UntilFull): Found['evidence'] {
  if ('why' in full) return { full_on: whyNotFull(full.why) };
  const { earliest, latest } = dayRange(full);
  return {
    full_on: dayOf(full.at),
    full_earliest: earliest,
    ...(latest !== null && { full_latest: latest }),
  };
}

/** Guests with disks or CD-ROMs on a storage, only on these nodes if given. */
function usersOf(storage: StorageHealth, { guests }: HealthFacts, nodes?: readonly string[]): GuestHealth[] {
  return guests.filter(
    guest =>
      (nodes === undefined || nodes.includes(guest.node)) &&
      devicesOf(guest.config ?? {}).some(one => one.storage === storage.id && one.kind !== 'unused'),
  );
}

/** A storage that is not reached by nodes that should reach it. */
export const storageUnreachable: Check = {
  name: 'storage-unreachable',
  severity: 'warning',
  reason: 'Guests on a storage that cannot be reached hang or stop, and none of them can start.',
  evidence: 'Which nodes do not reach it, and which guests there have a disk on it.',
  next: 'look at its server and the network, then at pvesm status on the node',
  *find(facts) {
    for (const storage of facts.storages) {
      if (!storage.enabled || storage.out !== null) continue;
      const cut = storage.reach.filter(one => one.active === false).map(one => one.node);
      if (cut.length === 0) continue;
      const users = usersOf(storage, facts, cut);
      const running = users.filter(guest => hasProcess(guest.status));
      const everywhere = storage.shared && cut.length === storage.reach.length;
      yield {
        resource: `storage/${storage.id}`,
        what: everywhere ? 'unreachable' : `unreachable from ${cut.join(', ')}`,
        evidence: {
          nodes: cut,
          running_guests:
            running.length > 0
              ? shortList(
                  running.map(guest => guest.key),
                  20,
                )
              : 'none',
          guests: users.length,
          ...saidOf(storage),
        },
        since: { field: 'unreachable' },
        severity: running.length > 0 ? 'critical' : undefined,
      };
    }
  },
};

/** What Proxmox says about it, each text once. */
function saidOf({ reach }: StorageHealth): { said?: string[] } {
  const said = [...new Set(reach.flatMap(one => (one.active === false ? (one.reason ?? []) : [])))];
  return said.length > 0 ? { said } : {};
}

/** A guest with a disk on a storage that is disabled, or that its node does not have. */
export const storageDisabledInUse: Check = {
  name: 'storage-disabled-in-use',
  severity: 'warning',
  reason:
    'A guest whose disk is on a disabled storage, or on one that is not meant for its node, cannot be started again.',
  evidence: 'The disks, and how the storage is defined.',
  next: 'enable the storage (for that node), or move the disks',
  reads: 'configs',
  *find(facts) {
    for (const guest of facts.guests) {
      const devices = devicesOf(guest.config ?? {}).filter(
        one => one.kind === 'disk' || one.kind === 'cdrom',
      );
      for (const [id, on] of Map.groupBy(devices, one => one.storage)) {
        const storage = facts.storages.find(one => one.id === id);
        // Only if every storage can be seen is one known to be missing.
        if (id === null || (storage === undefined ? !facts.backups.complete : storage.out !== null)) continue;
        const why = unusableFor(guest, storage);
        if (why === null) continue;
        const keys = on.map(one => one.key);
        yield {
          resource: guest.key,
          what: `${keys.join(', ')} on storage/${id}, which ${why}`,
          evidence: { storage: id, devices: keys, status: guest.status },
          severity: on.every(one => one.kind === 'cdrom') ? 'info' : undefined,
        };
      }
    }
  },
};

/** Why a guest cannot use a storage; null if it can. */
function unusableFor(guest: GuestHealth, storage: StorageHealth | undefined): string | null {
  if (storage === undefined) return 'does not exist';
  if (!storage.enabled) return 'is disabled';
  return isOn(storage, guest.node) ? null : `is not meant for ${guest.node}`;
}
