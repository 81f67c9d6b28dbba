import { guestStatus, LOCKS } from '../../model/status.ts';
import { counted } from '../../text/counted.ts';
import { isRunning } from '../capacity.ts';
import type { Check } from '../check.ts';
import type { GuestHealth } from '../facts.ts';
import { daysBetween, shortList } from '../words.ts';

const SNAPSHOT_DAYS = { info: 30, warning: 90 };

/** QEMU itself has stopped a VM. */
export const guestHalted: Check = {
  name: 'guest-halted',
  severity: 'critical',
  reason: 'A VM that QEMU halted looks as if it ran, and does nothing.',
  evidence: 'Its status in QEMU\u2019s own word.',
  next: 'look at its console and its storage',
  *find({ guests }) {
    for (const guest of guests) {
      const { trouble } = guestStatus(guest.status ?? 'unknown');
      if (trouble === undefined || guest.out !== null) continue;
      yield {
        resource: guest.key,
        what: trouble.why,
        evidence: { status: guest.status, node: guest.node },
        next: trouble.next,
        since: { field: 'status' },
      };
    }
  },
};

/** Suspended to disk, and perhaps forgotten. */
export const guestSuspended: Check = {
  name: 'guest-suspended',
  severity: 'warning',
  reason: 'A VM suspended to disk does nothing and refuses edits until it is started again.',
  evidence: 'Its lock.',
  next: 'start it to go on where it was',
  *find({ guests }) {
    for (const guest of guests) {
      const trouble = LOCKS[guest.lock ?? '']?.trouble;
      if (trouble === undefined || guest.out !== null) continue;
      yield {
        resource: guest.key,
        what: trouble.why,
        evidence: { lock: guest.lock, node: guest.node },
        next: trouble.next,
        since: { field: 'lock' },
      };
    }
  },
};

/** A snapshot grows with every write, and its rollback loses more every day. */
export const snapshotOld: Check = {
  name: 'snapshot-old',
  severity: 'info',
  reason:
    'A snapshot keeps every block that was overwritten since: it fills the storage and slows some down. It is no backup.',
  evidence: `Snapshots older than ${SNAPSHOT_DAYS.info} days, with the age of the oldest.`,
  next: 'delete it if nobody will roll back to it',
  reads: 'configs',
  *find({ guests, now }) {
    for (const guest of guests) {
      const old = Object.entries(guest.snapshots ?? {})
        .map(([name, at]) => ({ name, at, days: daysBetween(at, now) }))
        .filter(one => one.days > SNAPSHOT_DAYS.info)
        .sort((a, b) => a.at - b.at);
      const [oldest] = old;
      if (oldest === undefined) continue;
      yield {
        resource: guest.key,
        what: `${counted(old.length, 'snapshot')} older than ${SNAPSHOT_DAYS.info} days: ${shortList(old.map(one => one.name))}`,
        evidence: { snapshots: old.slice(0, 20).map(one => one.name), oldest_days: oldest.days },
        since: { at: oldest.at },
        severity: oldest.days > SNAPSHOT_DAYS.warning ? 'warning' : undefined,
      };
    }
  },
};

/** A change that waits for a restart, and may then be a surprise. */
export const pendingRestart: Check = {
  name: 'pending-restart',
  severity: 'info',
  reason: 'What waits for a restart takes effect at the next one, whoever restarts it and whenever.',
  evidence: 'The keys that wait.',
  next: 'get_resource with include pending shows both values; restart it when it suits, or revert the change',
  reads: 'configs',
  *find({ guests }) {
    for (const guest of guests) {
      const keys = Object.entries(guest.pending ?? {})
        .flatMap(([key, value]) => (value === null ? [] : [key]))
        .sort();
      if (keys.length === 0 || !isRunning(guest)) continue;
      yield {
        resource: guest.key,
        what: `${shortList(keys)} ${keys.length === 1 ? 'waits' : 'wait'} for a restart`,
        evidence: { keys: keys.slice(0, 20) },
        since: { field: `pending.${keys[0]}` },
      };
    }
  },
};

/** A guest that does not start at boot, although its twin does. */
export const onbootMissing: Check = {
  name: 'onboot-missing',
  severity: 'info',
  reason:
    'After a power cut this guest stays off, though one of the same name and another number comes back by itself.',
  evidence:
    'The running guests whose names differ in the number alone, at least half of which start at boot.',
  next: 'set onboot if it is to come back by itself',
  reads: 'configs',
  *find({ guests }) {
    const running = guests.filter(guest => !guest.template && guest.config !== null && isRunning(guest));
    const families = Map.groupBy(running, guest => `${guest.type} ${stemOf(guest) ?? guest.key}`);
    for (const family of families.values()) {
      const starting = family.filter(guest => guest.config!['onboot'] === 1);
      // If most of a family stay off, that is intended.
      if (starting.length * 2 < family.length) continue;
      for (const guest of family) {
        // High availability starts its guests regardless of this option.
        if (guest.config!['onboot'] === 1 || guest.ha !== null) continue;
        const twins = starting.map(one => `${one.key} ${one.name}`);
        yield {
          resource: guest.key,
          what: `does not start at boot, and ${shortList(twins, 3)} ${twins.length === 1 ? 'does' : 'do'}`,
          evidence: { onboot: 0, twins: twins.slice(0, 10) },
        };
      }
    }
  },
};

/** The name without its number; null if it has none. */
function stemOf({ name }: GuestHealth): string | null {
  const stem = /^(.*[^\d._-])[._-]?\d+$/.exec(name ?? '')?.[1];
  return stem === undefined || stem.length < 2 ? null : stem.toLowerCase();
}
