import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  mayBeMissing,
  one,
  pveAmount,
  pveBoolean,
  pveBytes,
  pveCount,
  pveHaService,
  pveHost,
  pveId,
  pveMoment,
  pveObject,
  pveProse,
  pveString,
  pveUptime,
  pveVmid,
  pveWord,
  rows,
} from '../schema.ts';

const resource = z.looseObject({
  id: pveId.optional(),
  type: pveWord.optional(),
  node: pveHost.optional(),
  status: pveWord.optional(),
  vmid: pveVmid.optional(),
  name: pveString.optional(),
  template: pveBoolean.optional(),
  tags: pveString.optional(),
  pool: pveId.optional(),
  lock: pveWord.optional(),
  hastate: pveWord.optional(),
  uptime: pveUptime.optional(),
  cpu: pveAmount.optional(),
  maxcpu: pveAmount.optional(),
  mem: pveBytes.optional(),
  maxmem: pveBytes.optional(),
  disk: pveBytes.optional(),
  maxdisk: pveBytes.optional(),
  netin: pveBytes.optional(),
  netout: pveBytes.optional(),
});

/** What a row is about: a VMID belongs to one guest, whatever its type. */
function subjectOf({ type, vmid, node, id }: z.output<typeof resource>): string | undefined {
  if (type === 'qemu' || type === 'lxc') return vmid === undefined ? id : `guest ${vmid}`;
  return type === 'node' && node !== undefined ? `node ${node}` : id;
}

const statusRow = z.looseObject({
  id: pveId.optional(),
  type: pveWord.optional(),
  name: pveHost.optional(),
  nodes: pveCount.optional(),
  quorate: pveBoolean.optional(),
  version: pveCount.optional(),
  nodeid: pveCount.optional(),
  online: pveBoolean.optional(),
});

const configNode = z.looseObject({
  name: pveId.optional(),
  node: pveId.optional(),
  quorum_votes: pveCount.optional(),
});

const logLine = z.looseObject({
  msg: pveProse,
  time: pveMoment,
  id: pveId.optional(),
  uid: pveId.optional(),
  node: pveId.optional(),
  user: pveId.optional(),
  pid: pveCount.optional(),
});

const haResource = z.looseObject({
  sid: pveHaService,
  state: pveString.optional(),
  group: pveString.optional(),
  comment: pveString.optional(),
  max_restart: pveCount.optional(),
  max_relocate: pveCount.optional(),
  failback: pveBoolean.optional(),
});

const haStatus = z.looseObject({
  type: pveString,
  node: pveString.optional(),
  status: pveString.optional(),
  sid: pveString.optional(),
  state: pveString.optional(),
});

const haRule = z.looseObject({
  rule: pveId,
  type: pveWord.optional(),
  nodes: pveString.optional(),
  resources: pveString.optional(),
  strict: pveBoolean.optional(),
  affinity: pveWord.optional(),
  disable: pveBoolean.optional(),
  comment: pveString.optional(),
});

const haGroup = z.looseObject({
  group: pveId,
  nodes: pveString.optional(),
  restricted: pveBoolean.optional(),
});

const backupJob = z.looseObject({
  id: pveId,
  enabled: pveBoolean.optional(),
  schedule: pveString.optional(),
  storage: pveString.optional(),
  node: pveString.optional(),
  all: pveBoolean.optional(),
  vmid: pveString.optional(),
  pool: pveString.optional(),
  mode: pveString.optional(),
  exclude: pveString.optional(),
  comment: pveString.optional(),
  'next-run': pveMoment.optional(),
});

const pool = z.looseObject({ poolid: pveId, comment: pveString.optional() });

/** One row of /cluster/resources: a node, guest, storage, pool or SDN network. */
export type ClusterResource = z.output<typeof resource>;
/** One row of /cluster/status: the cluster itself or one of its nodes. */
export type ClusterStatusRow = z.output<typeof statusRow>;
/** One line of /cluster/log; `time` is in seconds. */
export type ClusterLogLine = z.output<typeof logLine>;

/** One row of /cluster/backup: a scheduled backup job; `next-run` is in seconds. */
export type BackupJobRow = z.output<typeof backupJob>;
/** One row of /cluster/ha/resources: a guest under high availability. */
export type HaResourceRow = z.output<typeof haResource>;
/** One row of /cluster/ha/rules. */
export type HaRuleRow = z.output<typeof haRule>;

/** One row of /cluster/ha/groups. */
export type HaGroupRow = z.output<typeof haGroup>;

/** The state of the cluster as a whole; any node can answer. */
export const cluster = {
  resources: endpoint('/cluster/resources', {
    query: ['type'],
    maxMiB: 64,
    answer: rows(resource, { about: subjectOf }),
    facet: 'inventory',
    privilege: '-',
    doc: 'All nodes, guests, storages and pools the token may see, with usage; lags up to 12 s.',
  }),
  status: endpoint('/cluster/status', {
    answer: rows(statusRow, {
      about: row => `${row.type} ${row.type === 'node' ? (row.name ?? row.id) : ''}`,
    }),
    facet: 'inventory',
    privilege: 'Sys.Audit on /',
    doc: 'Cluster name, quorum and which nodes are online; no cluster row on a single node.',
  }),
  configNodes: endpoint('/cluster/config/nodes', {
    answer: rows(configNode, { about: row => row.name ?? row.node }),
    facet: 'inventory',
    privilege: 'Sys.Audit on /',
    doc: 'How many votes each node has; read again only after the cluster configuration changed.',
  }),
  log: endpoint('/cluster/log', {
    query: ['max'],
    maxMiB: 32,
    answer: rows(logLine, { atMost: 50_000 }),
    facet: 'tasks',
    privilege: 'Sys.Syslog on / (else own lines only)',
    doc: 'Who did what, newest first, including VM edits that leave no task.',
  }),
  nextId: endpoint('/cluster/nextid', {
    query: ['vmid'],
    answer: one(pveString),
    facet: 'inventory',
    privilege: '-',
    doc: 'Whether a VMID is free in the whole cluster, whatever the token may see: 400 when it is taken.',
  }),
  options: endpoint('/cluster/options', {
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'Datacenter options; without the privilege only those for the console and for tags.',
  }),
  haResources: endpoint('/cluster/ha/resources', {
    query: ['type'],
    answer: mayBeMissing(rows(haResource, { about: row => row.sid })),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'Guests under high availability and the state requested for each.',
  }),
  haStatus: endpoint('/cluster/ha/status/current', {
    answer: mayBeMissing(rows(haStatus)),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'What high availability is doing now.',
  }),
  haRules: endpoint('/cluster/ha/rules', {
    answer: mayBeMissing(rows(haRule, { about: row => row.rule })),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'Rules that bind guests under high availability to nodes or to each other; none before Proxmox VE 9.',
  }),
  haGroups: endpoint('/cluster/ha/groups', {
    answer: mayBeMissing(rows(haGroup, { about: row => row.group })),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'Groups of nodes for high availability before Proxmox VE 9, which has rules instead.',
  }),
  qdevice: endpoint('/cluster/config/qdevice', {
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'State of the QDevice, which has votes of its own; empty where there is none.',
  }),
  backupJobs: endpoint('/cluster/backup', {
    answer: mayBeMissing(rows(backupJob, { about: row => row.id })),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'Scheduled backup jobs.',
  }),
  backupJob: endpoint('/cluster/backup/{id}', {
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'One backup job; asked when the list lacks it, to tell whether it is gone.',
  }),
  haResource: endpoint('/cluster/ha/resources/{sid}', {
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'One guest under high availability; asked when the list lacks it.',
  }),
  haRule: endpoint('/cluster/ha/rules/{rule}', {
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'One rule of high availability; asked when the list lacks it.',
  }),
  haGroup: endpoint('/cluster/ha/groups/{group}', {
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'datacenter',
    privilege: 'Sys.Audit on /',
    doc: 'One group of high availability; asked when the list lacks it.',
  }),
  pools: endpoint('/pools', {
    query: ['poolid', 'type'],
    answer: mayBeMissing(rows(pool, { about: row => row.poolid })),
    facet: 'datacenter',
    privilege: 'Pool.Audit',
    doc: 'Pools; with `poolid` also their members.',
  }),
};
