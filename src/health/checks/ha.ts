import { HA_STATES } from '../../model/status.ts';
import type { Check } from '../check.ts';
import { devicesOf } from '../devices.ts';
import type { GuestHealth, HealthFacts } from '../facts.ts';
import { shortList } from '../words.ts';

/** Whether high availability would start it elsewhere if its node fails. */
function isManaged({ ha, haRequested }: GuestHealth): boolean {
  const wanted = haRequested ?? ha;
  return wanted !== null && wanted !== 'ignored' && wanted !== 'disabled';
}

/** High availability gave up, or is fencing. */
export const haError: Check = {
  name: 'ha-error',
  severity: 'critical',
  reason:
    'High availability does nothing for a guest in error until somebody clears it; one in fence waits for its node to be surely dead.',
  evidence: 'The HA state of the guest, and what was asked for.',
  next: 'mend the cause its tasks tell, then set its HA state to disabled and back to started',
  *find({ guests }) {
    for (const guest of guests) {
      const trouble = HA_STATES[guest.ha ?? '']?.trouble;
      if (trouble === undefined || guest.out !== null) continue;
      yield {
        resource: guest.key,
        what: trouble.why,
        evidence: { ha_state: guest.ha, requested: guest.haRequested, node: guest.node },
        next: trouble.next,
        since: { field: 'ha' },
      };
    }
  },
};

/** High availability cannot move disks that only one node has. */
export const haLocalDisk: Check = {
  name: 'ha-local-disk',
  severity: 'warning',
  reason:
    'High availability starts a guest elsewhere only where its disks are; on a storage of one node alone they are lost with it.',
  evidence: 'The disks on storages that are not shared, and where they are replicated to.',
  next: 'move its disks to a shared storage, or replicate them to the nodes it may run on',
  reads: 'configs',
  *find(facts) {
    for (const guest of facts.guests) {
      const local = isManaged(guest) ? localDisks(guest, facts) : [];
      if (local.length === 0) continue;
      const targets = facts.replications.flatMap(one => (one.guest === guest.key ? (one.target ?? []) : []));
      yield {
        resource: guest.key,
        what:
          targets.length > 0
            ? `under high availability with local disks (${shortList(local)}): elsewhere it starts from the latest replication, on ${targets.join(', ')} only`
            : `under high availability, but its disks are on ${guest.node} alone: ${shortList(local)}`,
        evidence: { disks: local, replicated_to: targets, node: guest.node },
        severity: targets.length > 0 ? 'info' : undefined,
      };
    }
  },
};

function localDisks(guest: GuestHealth, { storages }: HealthFacts): string[] {
  return devicesOf(guest.config ?? {}).flatMap(({ kind, key, storage: id, volume }) => {
    if (kind !== 'disk') return [];
    if (id === null) return [`${key} ${volume}`];
    const storage = storages.find(one => one.id === id);
    return storage === undefined || storage.out !== null || storage.shared ? [] : [`${key} on ${id}`];
  });
}

/** Nor can it move hardware. */
export const haPassthrough: Check = {
  name: 'ha-passthrough',
  severity: 'warning',
  reason:
    'A guest with hardware or a folder of its node cannot be started elsewhere, so high availability ends in error.',
  evidence: 'The devices and folders of the node in its configuration.',
  next: 'take it out of high availability, or use a mapping that other nodes have too',
  reads: 'configs',
  *find({ guests }) {
    for (const guest of guests) {
      if (!isManaged(guest)) continue;
      const bound = devicesOf(guest.config ?? {}).flatMap(({ key, kind, volume, shared }) =>
        kind === 'passthrough' || (kind === 'bind' && !shared) ? [`${key} ${volume}`] : [],
      );
      if (bound.length === 0) continue;
      yield {
        resource: guest.key,
        what: `under high availability, but bound to ${guest.node} by ${shortList(bound)}`,
        evidence: { devices: bound, node: guest.node },
      };
    }
  },
};

/** A missing replica is noticed when the node fails. */
export const replicationFailing: Check = {
  name: 'replication-failing',
  severity: 'warning',
  reason: 'A replica that is not renewed loses what was written since when its guest has to start from it.',
  evidence: 'How often the job failed in a row, its error, and when it last succeeded.',
  next: 'pvesr status on the node; often the target is full or was restored',
  *find({ replications }) {
    for (const { job, guest, target, failures, error, lastSyncAt } of replications) {
      if (failures === 0) continue;
      yield {
        resource: guest,
        what: `replication to ${target} failed ${failures} times: ${error ?? ''}`,
        evidence: { job, target, failures },
        since: lastSyncAt === null ? undefined : { at: lastSyncAt },
      };
    }
  },
};
