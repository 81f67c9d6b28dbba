import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  mayBeMissing,
  one,
  pveAmount,
  pveBytes,
  pveCount,
  pveFingerprint,
  pveId,
  pveMoment,
  pveProse,
  pveString,
  pveVersion,
  pveVmid,
  rows,
} from '../schema.ts';

const amounts = z.looseObject({
  total: pveBytes.optional(),
  used: pveBytes.optional(),
});

const nodeStatus = z.looseObject({
  pveversion: pveString.optional(),
  /** Seconds. Right at once, whereas the cluster's row keeps an old value until the node's first broadcast. */
  uptime: pveAmount.optional(),
  loadavg: z.array(pveAmount).optional(),
  cpuinfo: z
    .looseObject({
      model: pveString.optional(),
      sockets: pveCount.optional(),
    })
    .optional(),
  swap: amounts.optional(),
  rootfs: amounts.optional(),
  'current-kernel': z.looseObject({ release: pveString.optional() }).optional(),
});

const certificate = z.looseObject({
  filename: pveString.optional(),
  fingerprint: pveFingerprint.optional(),
  notafter: pveMoment.optional(),
});

const replicationJob = z.looseObject({
  id: pveId,
  guest: pveVmid.optional(),
  target: pveString.optional(),
  schedule: pveString.optional(),
  last_sync: pveMoment.optional(),
  fail_count: pveCount.optional(),
  error: pveProse.optional(),
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
        version: pveVersion,
      }),
    ),
    facet: 'details',
    privilege: '-',
    doc: 'Proxmox VE version of a node.',
  }),
  time: endpoint('/nodes/{node}/time', {
    answer: one(z.looseObject({ time: pveMoment })),
    facet: 'details',
    privilege: 'Sys.Audit on /nodes/{node}',
    doc: 'Clock of a node, which dates its tasks, log lines and snapshots.',
  }),
  certificates: endpoint('/nodes/{node}/certificates/info', {
    answer: rows(certificate),
    facet: 'details',
    privilege: '-',
    doc: 'Certificates of a node and when they expire; a store recognises its cluster by the root certificate.',
  }),
  replication: endpoint('/nodes/{node}/replication', {
    query: ['guest'],
    answer: mayBeMissing(rows(replicationJob, { about: row => row.id })),
    facet: 'details',
    privilege: 'VM.Audit',
    doc: 'Storage replication jobs of a node; fails without quorum.',
  }),
};
