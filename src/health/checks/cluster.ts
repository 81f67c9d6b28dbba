import { isRunning } from '../capacity.ts';
import type { Check } from '../check.ts';
import { shortList } from '../words.ts';

/** Without a majority the cluster's file system is read-only. */
export const quorumLost: Check = {
  name: 'quorum-lost',
  severity: 'critical',
  reason: 'Without a majority of votes nothing can be started, changed or recovered anywhere in the cluster.',
  evidence:
    'Quorum as the answering node tells, votes present and expected; what the HA manager says of quorum.',
  next: 'bring nodes back or mend the cluster network; pvecm status on a node tells who is missing',
  *find({ cluster }) {
    if (cluster.quorate === false)
      yield {
        resource: 'cluster',
        what: 'no quorum: nothing can be started or changed',
        evidence: { votes: cluster.votes, expected_votes: cluster.expectedVotes },
        since: { field: 'quorate' },
      };
    else if (cluster.haQuorum !== null && cluster.haQuorum !== 'OK')
      yield {
        resource: 'cluster',
        what: `high availability has no quorum: ${cluster.haQuorum}`,
        evidence: { ha_quorum: cluster.haQuorum },
      };
  },
};

/** Proxmox supports migration only from older to newer versions. */
export const versionsMixed: Check = {
  name: 'versions-mixed',
  severity: 'warning',
  reason:
    'Guests can be migrated to a newer Proxmox VE, not back to an older one; a cluster is meant to run one version.',
  evidence: 'The version of each node that is online.',
  next: 'bring the nodes to one version, one after the other',
  *find({ nodes }) {
    const online = nodes.filter(node => node.status === 'online' && node.version !== null);
    const versions = [...Map.groupBy(online, node => node.version!)].sort(([a], [b]) => (a < b ? -1 : 1));
    if (versions.length < 2) return;
    const described = versions.map(([version, on]) => `${version} on ${shortList(on.map(node => node.id))}`);
    yield {
      resource: 'cluster',
      what: `nodes run different versions: ${described.join('; ')}`,
      evidence: { versions: described },
      since: { field: 'versions' },
    };
  },
};

/** Live migration needs the same processor features on both sides. */
export const cpuHostMixed: Check = {
  name: 'cpu-host-mixed',
  severity: 'info',
  reason:
    'A VM with CPU type host sees the processor of its node; on a node with another one it may crash after a live migration.',
  evidence: 'CPU type of the VM, processor models of the nodes.',
  next: 'choose a CPU type that all nodes have, such as x86-64-v2-AES, or live-migrate it between like nodes only',
  reads: 'configs',
  *find({ guests, nodes }) {
    const models = new Map(nodes.flatMap(node => (node.cpuModel === null ? [] : [[node.id, node.cpuModel]])));
    if (new Set(models.values()).size < 2) return;
    for (const guest of guests) {
      const type = guest.config?.['cpu'];
      const name = typeof type === 'object' && type !== null && !Array.isArray(type) ? type['cputype'] : type;
      if (guest.template || name !== 'host' || !models.has(guest.node)) continue;
      const other = [...models].filter(([, model]) => model !== models.get(guest.node));
      if (other.length === 0) continue;
      yield {
        resource: guest.key,
        what: `CPU type host, and ${shortList(other.map(([node]) => node))} has another processor`,
        evidence: {
          own_processor: models.get(guest.node)!,
          others: other.map(([node, model]) => `${node} ${model}`),
        },
        severity: isRunning(guest) && guest.ha !== null ? 'warning' : undefined,
        since: { field: 'config.cpu.cputype' },
      };
    }
  },
};
