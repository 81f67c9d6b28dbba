import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { one, pveNumber, pveObject, pveString, rows } from '../schema.ts';

const nodeRow = z.looseObject({
  node: pveString,
  status: pveString.optional(),
  id: pveString.optional(),
  cpu: pveNumber.optional(),
  maxcpu: pveNumber.optional(),
  mem: pveNumber.optional(),
  maxmem: pveNumber.optional(),
  disk: pveNumber.optional(),
  maxdisk: pveNumber.optional(),
  uptime: pveNumber.optional(),
  level: pveString.optional(),
  ssl_fingerprint: pveString.optional(),
});

const amounts = z.looseObject({
  total: pveNumber.optional(),
  used: pveNumber.optional(),
  free: pveNumber.optional(),
  available: pveNumber.optional(),
  avail: pveNumber.optional(),
});

const nodeStatus = z.looseObject({
  pveversion: pveString.optional(),
  kversion: pveString.optional(),
  uptime: pveNumber.optional(),
  cpu: pveNumber.optional(),
  wait: pveNumber.optional(),
  loadavg: z.array(pveNumber).optional(),
  cpuinfo: z
    .looseObject({
      model: pveString.optional(),
      cpus: pveNumber.optional(),
      cores: pveNumber.optional(),
      sockets: pveNumber.optional(),
    })
    .optional(),
  memory: amounts.optional(),
  swap: amounts.optional(),
  rootfs: amounts.optional(),
  'current-kernel': pveObject.optional(),
  'boot-info': pveObject.optional(),
});

const certificate = z.looseObject({
  filename: pveString.optional(),
  fingerprint: pveString.optional(),
  subject: pveString.optional(),
  issuer: pveString.optional(),
  notbefore: pveNumber.optional(),
  notafter: pveNumber.optional(),
  san: z.array(pveString).optional(),
});

const replicationJob = z.looseObject({
  id: pveString,
  guest: pveNumber.optional(),
  source: pveString.optional(),
  target: pveString.optional(),
  schedule: pveString.optional(),
  last_sync: pveNumber.optional(),
  last_try: pveNumber.optional(),
  next_sync: pveNumber.optional(),
  fail_count: pveNumber.optional(),
  error: pveString.optional(),
});

/** One row of /nodes. */
export type NodeRow = z.output<typeof nodeRow>;
/** The answer of /nodes/{node}/status; bytes and seconds. */
export type NodeStatus = z.output<typeof nodeStatus>;

/** The nodes themselves. All but the list are forwarded to the node and fail with it. */
export const nodes = {
  list: endpoint('/nodes', {
    answer: rows(nodeRow),
    facet: 'inventory',
    privilege: '-',
    doc: 'All nodes with status and usage; usage needs Sys.Audit.',
  }),
  status: endpoint('/nodes/{node}/status', {
    answer: one(nodeStatus),
    facet: 'details',
    privilege: 'Sys.Audit on /nodes/{node}',
    doc: 'Version, kernel, processor, memory and load of a node.',
  }),
  version: endpoint('/nodes/{node}/version', {
    answer: one(
      z.looseObject({
        version: z.string().regex(/^\d+\.\d/),
        release: pveString.optional(),
        repoid: pveString.optional(),
      }),
    ),
    facet: 'inventory',
    privilege: '-',
    doc: 'Proxmox VE version of a node.',
  }),
  time: endpoint('/nodes/{node}/time', {
    answer: one(
      z.looseObject({ time: pveNumber, localtime: pveNumber.optional(), timezone: pveString.optional() }),
    ),
    facet: 'details',
    privilege: 'Sys.Audit on /nodes/{node}',
    doc: 'Clock and time zone of a node.',
  }),
  certificates: endpoint('/nodes/{node}/certificates/info', {
    answer: rows(certificate),
    facet: 'details',
    privilege: '-',
    doc: 'Certificates of a node with fingerprint and expiry; the root certificate names the cluster.',
  }),
  replication: endpoint('/nodes/{node}/replication', {
    query: ['guest'],
    answer: rows(replicationJob),
    facet: 'details',
    privilege: 'VM.Audit',
    doc: 'Storage replication jobs of a node; fails without quorum.',
  }),
};
