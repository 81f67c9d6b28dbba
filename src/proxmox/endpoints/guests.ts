import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  mayBeEmpty,
  one,
  pveAmount,
  pveBoolean,
  pveBytes,
  pveCount,
  pveFlagOrCount,
  pveId,
  pveMadeAt,
  pveObject,
  pveScalar,
  pveString,
  pveUptime,
  pveVmid,
  pveWord,
  rows,
  wrapped,
} from '../schema.ts';

const pendingRow = z.looseObject({
  key: pveWord,
  value: pveScalar.optional(),
  pending: pveScalar.optional(),
  /** 1: will be deleted at the next start, 2: likewise, by force. */
  delete: pveFlagOrCount.optional(),
});

const current = z.looseObject({
  status: pveWord,
  /** `running` also where QEMU did not answer. */
  qmpstatus: pveWord.optional(),
  /** QEMU's version, where QEMU answered. */
  'running-qemu': pveString.optional(),
  lock: pveWord.optional(),
  uptime: pveUptime.optional(),
});

const snapshotRow = z.looseObject({
  name: pveWord,
  snaptime: pveMadeAt.optional(),
  parent: pveString.optional(),
  /** `prepare` while it is being made, `delete` while it is being removed. */
  snapstate: pveString.optional(),
});

const networkInterface = z.looseObject({
  name: pveId,
  'hardware-address': pveString.nullish(),
  'ip-addresses': z
    .array(
      z.looseObject({
        'ip-address': pveString.nullish(),
        prefix: pveCount.nullish(),
      }),
    )
    .nullish(),
  /** What containers report instead before PVE 9, and in addition since: `10.0.0.5/24`, several separated by spaces or commas. */
  hwaddr: pveString.nullish(),
  inet: pveString.nullish(),
  inet6: pveString.nullish(),
});

/** One row of a guest's pending list. */
export type PendingRow = z.output<typeof pendingRow>;
/** One guest in its node's own list. */
export type ListedGuest = z.output<typeof listed>;
/** One network interface inside a guest. */
export type GuestInterface = z.output<typeof networkInterface>;

const audit = 'VM.Audit on /vms/{vmid}';

/** A row of a node's own list: current, but without what only the cluster knows (pool, HA). */
const listed = z.looseObject({
  vmid: pveVmid,
  status: pveWord.optional(),
  name: pveString.optional(),
  template: pveBoolean.optional(),
  tags: pveString.optional(),
  lock: pveWord.optional(),
  uptime: pveUptime.optional(),
  cpu: pveAmount.optional(),
  cpus: pveAmount.optional(),
  mem: pveBytes.optional(),
  maxmem: pveBytes.optional(),
  disk: pveBytes.optional(),
  maxdisk: pveBytes.optional(),
  netin: pveBytes.optional(),
  netout: pveBytes.optional(),
});

const common = {
  list: {
    maxMiB: 32,
    answer: rows(listed, { about: row => String(row.vmid) }),
    facet: 'inventory',
    privilege: audit,
    doc: "A node's own list of its guests; asked when the cluster's rows have no status.",
  },
  config: {
    query: ['current', 'snapshot'],
    maxMiB: 1,
    answer: one(pveObject),
    facet: 'inventory',
    privilege: audit,
    doc: 'Configuration; asked when the listing lacks the guest, to tell whether it is gone or out of sight.',
  },
  pending: {
    maxMiB: 1,
    answer: rows(pendingRow, { atMost: 2_000, about: row => row.key }),
    facet: 'config',
    privilege: audit,
    doc: 'Every key with its value and what waits for a restart.',
  },
  status: {
    answer: one(current),
    facet: 'inventory',
    privilege: audit,
    doc: 'Live status; asked when the listing shows a different one.',
  },
  snapshots: {
    maxMiB: 8,
    answer: rows(snapshotRow, { atMost: 2_000, about: row => row.name }),
    facet: 'config',
    privilege: audit,
    doc: 'Snapshots; the row `current` is the present state, not a snapshot.',
  },
} as const;

/** Virtual machines. */
export const qemu = {
  list: endpoint('/nodes/{node}/qemu', common.list),
  config: endpoint('/nodes/{node}/qemu/{vmid}/config', common.config),
  pending: endpoint('/nodes/{node}/qemu/{vmid}/pending', common.pending),
  status: endpoint('/nodes/{node}/qemu/{vmid}/status/current', common.status),
  snapshots: endpoint('/nodes/{node}/qemu/{vmid}/snapshot', common.snapshots),
  interfaces: endpoint('/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces', {
    maxMiB: 1,
    answer: wrapped(['result', 'return'], mayBeEmpty(rows(networkInterface, { atMost: 1_000 }))),
    facet: 'addresses',
    privilege: 'VM.GuestAgent.Audit on /vms/{vmid}',
    doc: 'Network interfaces as the guest agent reports them; 500 without a running agent.',
    mayHang: true,
  }),
};

/** Containers. */
export const lxc = {
  list: endpoint('/nodes/{node}/lxc', common.list),
  config: endpoint('/nodes/{node}/lxc/{vmid}/config', common.config),
  pending: endpoint('/nodes/{node}/lxc/{vmid}/pending', common.pending),
  status: endpoint('/nodes/{node}/lxc/{vmid}/status/current', common.status),
  snapshots: endpoint('/nodes/{node}/lxc/{vmid}/snapshot', common.snapshots),
  interfaces: endpoint('/nodes/{node}/lxc/{vmid}/interfaces', {
    maxMiB: 1,
    answer: mayBeEmpty(rows(networkInterface, { atMost: 1_000 })),
    facet: 'addresses',
    privilege: audit,
    doc: 'Network interfaces of a running container.',
    mayHang: true,
  }),
};
