import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { one, pveNumber, pveObject, pveString, rows } from '../schema.ts';

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

/** The answer of /nodes/{node}/status; bytes and seconds. */
export type NodeStatus = z.output<typeof nodeStatus>;

/** The nodes themselves. Requests are forwarded to the node and fail with it. */
export const nodes = {
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
    facet: 'details',
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
    facet: 'inventory',
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
