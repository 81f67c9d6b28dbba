import { reasonText } from '../../model/reason-text.ts';
import { hasProcess } from '../../model/status.ts';
import { counted } from '../../text/counted.ts';
import type { Check } from '../check.ts';
import type { HealthFacts, NodeHealth } from '../facts.ts';
import { daysBetween, gib, percentOf, shortList } from '../words.ts';

/** A clock further off than this (ms) is no measurement noise: both are read in whole seconds. */
const CLOCK_OFF_MS = 5_000;
/** Proxmox renews its own certificates two weeks before they expire, ACME ones 30 days: with less time left, that has failed. */
const CERTIFICATE_DAYS = 14;
const LEFT_BEHIND = 'move their files in /etc/pve/nodes to a node of the cluster, or remove them';
const ROOT_FULL = { warning: 90, critical: 97 };

function ranOn({ guests }: HealthFacts, node: string): string[] {
  return guests
    .filter(guest => guest.node === node && !guest.template && hasProcess(guest.status))
    .map(guest => guest.key);
}

/** The guests that ran there when it was last seen, in words and as facts. */
function stranded(
  facts: HealthFacts,
  { id }: NodeHealth,
): { said: string; evidence: { guests_there: string } } {
  const keys = ranOn(facts, id);
  return {
    said: keys.length > 0 ? `; ${counted(keys.length, 'guest was', 'guests were')} running there` : '',
    evidence: { guests_there: keys.length > 0 ? shortList(keys, 20) : 'none ran' },
  };
}

/** A node that is off according to the cluster. */
export const nodeOffline: Check = {
  name: 'node-offline',
  severity: 'critical',
  reason: 'A node that is down takes its guests with it, and the cluster has one vote less.',
  evidence: 'Its status in the cluster, and which guests ran there when it was last seen.',
  next: 'check_health with if_down names what is lost and what can start elsewhere; look at its console',
  *find(facts) {
    for (const node of facts.nodes) {
      if (node.left || node.status !== 'offline') continue;
      const { said, evidence } = stranded(facts, node);
      yield {
        resource: `node/${node.id}`,
        what: `offline${said}`,
        evidence,
        since: { field: 'status' },
      };
    }
  },
};

/** A node that is a member, but does not answer. */
export const nodeSilent: Check = {
  name: 'node-silent',
  severity: 'warning',
  reason:
    'A node that is listed as online but does not answer its own API hangs, or is cut off from the others.',
  evidence: 'Why the last look at it failed, and what it was before.',
  next: 'look at pveproxy, pvestatd and the network of that node',
  *find(facts) {
    for (const node of facts.nodes) {
      if (node.left || node.silent === null) continue;
      const { said, evidence } = stranded(facts, node);
      yield {
        resource: `node/${node.id}`,
        what: `unknown (${reasonText(node.silent.reason)}); last known ${node.lastStatus}${said}`,
        evidence: { ...evidence, last_known: node.lastStatus },
        since: node.silent.since === null ? undefined : { at: node.silent.since },
      };
    }
  },
};

/** A node that was removed from the cluster before its guests were. */
export const nodeLeft: Check = {
  name: 'node-left',
  severity: 'warning',
  reason: 'Guests whose files still lie under a node that left the cluster cannot be started or managed.',
  evidence: 'Guests listed on a node that is no member.',
  next: LEFT_BEHIND,
  *find(facts) {
    for (const node of facts.nodes.filter(one => one.left)) {
      const there = facts.guests.filter(guest => guest.node === node.id);
      yield {
        resource: `node/${node.id}`,
        what: `not part of the cluster, but ${counted(there.length, 'guest is', 'guests are')} listed on it: how they are is not known`,
        next: LEFT_BEHIND,
        evidence: {
          guests_there: shortList(
            there.map(guest => guest.key),
            20,
          ),
        },
      };
    }
  },
};

/** A node taken out of service on purpose, and perhaps forgotten. */
export const nodeMaintenance: Check = {
  name: 'node-maintenance',
  severity: 'info',
  reason: 'A node in maintenance runs no guests under high availability until somebody ends it.',
  evidence: 'What the HA manager says of its local resource manager.',
  next: 'ha-manager crm-command node-maintenance disable NODE ends it',
  *find({ nodes }) {
    for (const node of nodes)
      if (node.maintenance === true)
        yield {
          resource: `node/${node.id}`,
          what: 'in maintenance: high availability starts nothing there',
          evidence: { status: node.status },
        };
  },
};

/** Logs, certificates and tickets depend on clocks that agree. */
export const clockOff: Check = {
  name: 'clock-off',
  severity: 'warning',
  reason:
    'Nodes date tasks, logs and snapshots by their own clocks; tickets, certificates and Ceph need clocks that agree.',
  evidence: 'How far the clock of the node is from that of the node that answers, in seconds.',
  next: 'look at chronyc tracking on that node',
  *find({ nodes }) {
    for (const { id, clockAheadMs } of nodes) {
      if (clockAheadMs === null || Math.abs(clockAheadMs) < CLOCK_OFF_MS) continue;
      const seconds = Math.round(clockAheadMs / 1000);
      const direction = seconds > 0 ? 'ahead of' : 'behind';
      yield {
        resource: `node/${id}`,
        what: `its clock is ${Math.abs(seconds)} s ${direction} the cluster's`,
        evidence: { clock_ahead_seconds: seconds },
      };
    }
  },
};

/** An expired certificate locks out clients and other nodes' consoles. */
export const certificateExpiring: Check = {
  name: 'certificate-expiring',
  severity: 'warning',
  reason: `Proxmox renews its certificates by itself at least ${CERTIFICATE_DAYS} days ahead: one that is closer to its end was not renewed.`,
  evidence: 'Each certificate of the node with its end.',
  next: 'pvecm updatecerts --force renews Proxmox\u2019s own; for ACME see the task log of the renewal',
  *find({ nodes, now }) {
    for (const node of nodes) {
      for (const { file, expiresAt } of node.certificates ?? []) {
        const days = daysBetween(now, expiresAt);
        if (days >= CERTIFICATE_DAYS) continue;
        yield {
          resource: `node/${node.id}`,
          what: days < 0 ? `${file} has expired` : `${file} expires in ${counted(days, 'day')}`,
          evidence: { file, days_left: days },
          severity: days < 3 ? 'critical' : undefined,
        };
      }
    }
  },
};

/** A full root file system stops logging, backups to local, and in the end the cluster file system. */
export const nodeRootFull: Check = {
  name: 'node-root-full',
  severity: 'warning',
  reason:
    'A node whose root file system is full can write neither logs nor its part of the cluster configuration.',
  evidence: 'Size and use of the root file system.',
  next: 'look for old kernels, logs, ISO images and backups on local',
  *find({ nodes }) {
    for (const { id, status, rootBytes, rootUsedBytes } of nodes) {
      if (status !== 'online' || !rootBytes || rootUsedBytes === null) continue;
      const used = percentOf(rootUsedBytes, rootBytes);
      if (used < ROOT_FULL.warning) continue;
      yield {
        resource: `node/${id}`,
        what: `its root file system is ${used} % full`,
        evidence: { root_gib: gib(rootBytes), root_used_percent: used },
        severity: used >= ROOT_FULL.critical ? 'critical' : undefined,
      };
    }
  },
};
