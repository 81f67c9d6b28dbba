import { currentFacts, isTemplate } from './guest-facts.ts';
import type { Rights } from './rights.ts';
import type { ClusterState } from './state.ts';
import { beatMs, staleAfterMs } from './timing.ts';
import type { Guest, Node, PublishedFacts } from './types.ts';
import { guestUsage } from './usage.ts';

type Row = Record<string, unknown>;

/** What list rows know about a guest now: outdated while rows lag, null once its node has been dead for long. */
export function publishedFacts(state: ClusterState, guest: Guest): PublishedFacts | null {
  const now = state.clock.now();
  const node = state.nodes.get(guest.node);
  if (node !== undefined && isStale(node, now)) return null;
  if (guest.lagging !== undefined) {
    if (guest.lagging.until > now) return guest.lagging.facts;
    delete guest.lagging;
  }
  return currentFacts(state, guest);
}

/** Whether a node has been silent about its guests for so long that their rows are empty. */
export function isStale({ downAt, unmeasuredSince }: Node, now: number): boolean {
  return now - (downAt ?? unmeasuredSince ?? now) >= staleAfterMs;
}

/** When the numbers in a guest's row were measured: at the last beat, or before its node died. */
export function measuredAt(state: ClusterState, guest: Guest): number {
  const node = state.nodes.get(guest.node);
  const time = node?.downAt ?? node?.unmeasuredSince ?? state.clock.now();
  return Math.floor(time / beatMs) * beatMs;
}

/** The row of a guest in `/cluster/resources`. The members of a pool look the same without `pool`, `tags` and `hastate`. */
export function resourceRow(state: ClusterState, guest: Guest, rights: Rights, asMember = false): Row {
  const { vmid, type, node } = guest;
  const facts = publishedFacts(state, guest);
  const row: Row = {
    id: `${type}/${vmid}`,
    vmid,
    type,
    node,
    status: facts?.qmpstatus ?? facts?.status ?? 'unknown',
  };
  if (guest.lock !== undefined) row.lock = guest.lock;
  if (!asMember) {
    if (guest.pool !== undefined && rights.has(`/pool/${guest.pool}`, 'Pool.Audit')) row.pool = guest.pool;
    const ha = state.ha.get(vmid);
    if (ha !== undefined) row.hastate = ha.crmState;
  }
  if (facts === null) {
    // A guest that is too new to be published shows its tags; one on a dead node has lost them.
    if (!asMember && guest.lagging !== undefined && guest.config.tags !== undefined)
      row.tags = guest.config.tags;
    return row;
  }
  if (!asMember && guest.config.tags !== undefined && guest.config.tags !== '') row.tags = guest.config.tags;
  const usage = guestUsage(guest, facts, measuredAt(state, guest));
  row.name = facts.name;
  row.template = isTemplate(guest) ? 1 : 0;
  row.maxcpu = facts.maxcpu;
  row.maxmem = facts.maxmem;
  row.maxdisk = facts.maxdisk;
  row.cpu = usage.cpu;
  row.mem = usage.mem;
  row.memhost = type === 'qemu' ? usage.mem : 0;
  row.disk = usage.disk;
  row.diskread = usage.diskread;
  row.diskwrite = usage.diskwrite;
  row.netin = usage.netin;
  row.netout = usage.netout;
  row.uptime = usage.uptime;
  return row;
}

/** The row of a guest in `/nodes/{node}/qemu` or `/lxc`: current, without what only the cluster knows. */
export function nodeGuestRow(state: ClusterState, guest: Guest): Row {
  const facts = currentFacts(state, guest);
  const usage = guestUsage(guest, facts, state.clock.now());
  const { vmid, config } = guest;
  const running = facts.status === 'running';
  const row: Row = { vmid, status: facts.status, name: facts.name, cpus: facts.maxcpu };
  Object.assign(row, { maxmem: facts.maxmem, maxdisk: facts.maxdisk, ...usage });
  if (config.tags !== undefined && config.tags !== '') row.tags = config.tags;
  if (guest.lock !== undefined) row.lock = guest.lock;
  if (isTemplate(guest)) row.template = 1;
  if (running) row.pid = 2000 + vmid;
  const pressure = { cpufull: 0, cpusome: 0.15, iofull: 0, iosome: 0.15, memoryfull: 0, memorysome: 0.15 };
  if (guest.type === 'qemu') {
    row.memhost = usage.mem;
    if (config.balloon !== undefined && Number(config.balloon) > 0) {
      row.balloon_min = Number(config.balloon) * 2 ** 20;
      row.shares = Number(config.shares ?? 1000);
    }
    // As in PVE: numbers for VMs, strings for containers.
    if (running) for (const [key, value] of Object.entries(pressure)) row[`pressure${key}`] = value;
  } else {
    row.type = 'lxc';
    row.swap = 0;
    row.maxswap = Number(config.swap ?? 512) * 2 ** 20;
    if (running)
      for (const [key, value] of Object.entries(pressure)) row[`pressure${key}`] = value.toFixed(2);
  }
  return row;
}

/** `/status/current` of a guest: its row with what only a running machine can tell. */
export function statusCurrent(state: ClusterState, guest: Guest): Row {
  const row = nodeGuestRow(state, guest);
  const facts = currentFacts(state, guest);
  const ha = state.ha.get(guest.vmid);
  row.ha = ha === undefined ? { managed: 0 } : { managed: 1, state: ha.state };
  if (guest.type !== 'qemu') return row;
  const running = row.status === 'running';
  row.qmpstatus = facts.qmpstatus ?? row.status;
  if (!running) return row;
  if (/^(1|enabled=1)/.test(String(guest.config.agent ?? ''))) row.agent = 1;
  if (guest.qemuSilent) return row;
  row['running-machine'] = `${guest.config.machine ?? 'pc-i440fx-10.0'}`;
  row['running-qemu'] = '10.0.13';
  row['proxmox-support'] = {
    'backup-fleecing': true,
    'backup-max-workers': true,
    'pbs-dirty-bitmap': true,
    'pbs-dirty-bitmap-migration': true,
    'pbs-dirty-bitmap-savevm': true,
    'pbs-library-version': '1.5.1 (simulated)',
    'pbs-masterkey': true,
    'query-bitmap-info': true,
  };
  const nics: Row = {};
  for (const key of Object.keys(guest.config)) {
    const index = /^net(\d+)$/.exec(key)?.[1];
    if (index !== undefined) nics[`tap${guest.vmid}i${index}`] = { netin: row.netin, netout: row.netout };
  }
  row.nics = nics;
  row.blockstat = {
    scsi0: {
      account_failed: true,
      account_invalid: true,
      failed_rd_operations: 0,
      failed_wr_operations: 0,
      rd_bytes: row.diskread,
      rd_operations: Math.floor(Number(row.diskread) / 4096),
      timed_stats: [],
      wr_bytes: row.diskwrite,
      wr_operations: Math.floor(Number(row.diskwrite) / 4096),
    },
  };
  return row;
}
