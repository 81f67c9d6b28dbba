import { type Check, type Finding, type Found, SEVERITIES, type Unjudged } from './check.ts';
import { backupDiskLeftOut } from './checks/backup-content.ts';
import { backupJobEmpty, backupJobStorage, backupJobsDisabled } from './checks/backup-jobs.ts';
import { backupMissing, backupNoJob, backupOfPredecessor, backupStale } from './checks/backups.ts';
import { cpuHostMixed, quorumLost, versionsMixed } from './checks/cluster.ts';
import { drift } from './checks/drift.ts';
import { guestHalted, guestSuspended, onbootMissing, pendingRestart, snapshotOld } from './checks/guests.ts';
import { haError, haLocalDisk, haPassthrough, replicationFailing } from './checks/ha.ts';
import {
  agentMissing,
  cdromAttached,
  containerPrivileged,
  containerUnconfined,
  diskUnused,
  ideDisk,
  machinePinned,
} from './checks/hardware.ts';
import { memoryOvercommitted, memoryShort, n1Memory } from './checks/memory.ts';
import { macTwice } from './checks/network.ts';
import {
  certificateExpiring,
  clockOff,
  nodeLeft,
  nodeMaintenance,
  nodeOffline,
  nodeRootFull,
  nodeSilent,
} from './checks/nodes.ts';
import { storageDisabledInUse, storageFilling, storageUnreachable } from './checks/storage.ts';
import { backupFailed, lockWithoutTask, taskFailed, taskFailing } from './checks/tasks.ts';
import type { HealthFacts } from './facts.ts';

/** Every check, those of the cluster first and those of guests last. */
export const CHECKS: readonly Check[] = [
  quorumLost,
  versionsMixed,
  nodeOffline,
  nodeSilent,
  nodeLeft,
  nodeMaintenance,
  nodeRootFull,
  clockOff,
  certificateExpiring,
  memoryOvercommitted,
  memoryShort,
  n1Memory,
  storageFilling,
  storageUnreachable,
  storageDisabledInUse,
  backupJobsDisabled,
  backupJobStorage,
  backupJobEmpty,
  backupFailed,
  backupMissing,
  backupStale,
  backupOfPredecessor,
  backupNoJob,
  backupDiskLeftOut,
  lockWithoutTask,
  taskFailing,
  taskFailed,
  haError,
  haLocalDisk,
  haPassthrough,
  replicationFailing,
  guestHalted,
  guestSuspended,
  snapshotOld,
  pendingRestart,
  onbootMissing,
  diskUnused,
  cdromAttached,
  macTwice,
  agentMissing,
  ideDisk,
  machinePinned,
  cpuHostMixed,
  containerPrivileged,
  containerUnconfined,
  drift,
];

/** The names of all checks. */
export const CHECK_NAMES: readonly string[] = CHECKS.map(check => check.name);

/**
 * The findings of these checks, the most severe first, then in the order of the checks; if one implies another, only that one.
 */
export function findingsOf(facts: HealthFacts, checks: readonly Check[] = CHECKS): Finding[] {
  const found = checks.map(check => [...check.find(facts)].map(one => findingOf(check, one)));
  const places = new Set(found.flat().map(({ check, resource }) => `${check} ${resource}`));
  return found
    .flatMap((some, at) => {
      const { saidBy } = checks[at]!;
      return saidBy === undefined ? some : some.filter(one => !places.has(`${saidBy} ${one.resource}`));
    })
    .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
}

function findingOf(check: Check, found: Found): Finding {
  const { resource, what, evidence, since, severity, next } = found;
  return {
    check: check.name,
    severity: severity ?? check.severity,
    resource,
    what,
    since: since ?? null,
    evidence,
    next: next ?? check.next,
    isOwnNext: next !== undefined,
  };
}

/** What these checks could not judge, each thing once. */
export function unjudgedBy(facts: HealthFacts, checks: readonly Check[] = CHECKS): Unjudged[] {
  const all = checks.flatMap(check => [...(check.unjudged?.(facts) ?? [])]);
  return [...new Map(all.map(one => [`${one.what.code} ${one.reason.code}`, one])).values()];
}
