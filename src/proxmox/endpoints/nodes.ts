import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { mayBeEmpty, one, pveNumber, pveObject, pveString, rows } from '../schema.ts';

const amounts = z.looseObject({
  total: pveNumber.optional(),
  used: pveNumber.optional(),
});

const nodeStatus = z.looseObject({
  pveversion: pveString.optional(),
  loadavg: z.array(pveNumber).optional(),
  cpuinfo: z
    .looseObject({
      model: pveString.optional(),
      sockets: pveNumber.optional(),
    })
    .optional(),
  swap: amounts.optional(),
  rootfs: amounts.optional(),
  'current-kernel': pveObject.optional(),
});

const certificate = z.looseObject({
  filename: pveString.optional(),
  fingerprint: pveString.optional(),
});

const replicationJob = z.looseObject({
  id: pveString,
  guest: pveNumber.optional(),
  target: pveString.optional(),
  schedule: pveString.optional(),
  last_sync: pveNumber.optional(),
  fail_count: pveNumber.optional(),
  error: pveString.optional(),
});

/** The answer of /nodes/{node}/status; sizes in bytes. */
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
      }),
    ),
    facet: 'details',
    privilege: '-',
    doc: 'Proxmox VE version of a node.',
  }),
  time: endpoint('/nodes/{node}/time', {
    answer: one(z.looseObject({ time: pveNumber })),
    facet: 'tasks',
    privilege: 'Sys.Audit on /nodes/{node}',
    doc: 'Clock of a node, by which it dates tasks, log lines and snapshots.',
  }),
  certificates: endpoint('/nodes/{node}/certificates/info', {
    answer: rows(certificate),
    facet: 'inventory',
    privilege: '-',
    doc: 'Certificates of a node; by the root certificate a store knows its cluster.',
  }),
  replication: endpoint('/nodes/{node}/replication', {
    query: ['guest'],
    answer: mayBeEmpty(rows(replicationJob)),
    facet: 'details',
    privilege: 'VM.Audit',
    doc: 'Storage replication jobs of a node; fails without quorum.',
  }),
};
