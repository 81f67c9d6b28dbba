import { noise } from './prng.ts';
import type { ClusterState } from './state.ts';
import { beatMs } from './timing.ts';
import type { Guest, Node, PublishedFacts, Storage } from './types.ts';

/** Measured values change with each beat of pvestatd. */
const beat = (now: number): number => Math.floor(now / beatMs);

/** What a running guest uses at a time: `cpu` a fraction of all its CPUs, the rest bytes, `uptime` seconds. */
export interface GuestUsage {
  cpu: number;
  mem: number;
  disk: number;
  netin: number;
  netout: number;
  diskread: number;
  diskwrite: number;
  uptime: number;
}

/** Usage of a guest at a moment; zeros while it is stopped. Depends on nothing but the guest and the time. */
export function guestUsage(guest: Guest, facts: PublishedFacts, now: number): GuestUsage {
  if (facts.status !== 'running') {
    return { cpu: 0, mem: 0, disk: 0, netin: 0, netout: 0, diskread: 0, diskwrite: 0, uptime: 0 };
  }
  const uptime = Math.max(0, Math.floor((now - (facts.startedAt ?? now)) / 1000));
  const { salt } = guest;
  const wave = noise(salt, beat(now));
  return {
    cpu: noise(salt, 1) ** 3 * (0.4 + 0.6 * wave),
    mem: Math.floor(facts.maxmem * (0.25 + 0.5 * noise(salt, 2) + 0.05 * wave)),
    disk: guest.type === 'lxc' ? Math.floor(facts.maxdisk * (0.2 + 0.5 * noise(salt, 3))) : 0,
    netin: Math.floor(uptime * noise(salt, 4) * 40_000),
    netout: Math.floor(uptime * noise(salt, 5) * 25_000),
    diskread: Math.floor(uptime * noise(salt, 6) * 9000),
    diskwrite: Math.floor(uptime * noise(salt, 7) * 20_000),
    uptime,
  };
}

/** CPU as a fraction, memory and root disk in bytes, uptime in seconds. */
export function nodeUsage(
  node: Node,
  now: number,
): { cpu: number; mem: number; disk: number; uptime: number } {
  const wave = noise(node.salt, beat(now));
  return {
    cpu: 0.02 + noise(node.salt, 1) * 0.3 + wave * 0.05,
    mem: Math.floor(node.memory * (0.3 + 0.3 * noise(node.salt, 2) + 0.02 * wave)),
    disk: Math.floor(node.rootfs * (0.1 + 0.3 * noise(node.salt, 3))),
    uptime: Math.max(0, Math.floor((now - node.startedAt) / 1000)),
  };
}

/** Bytes used of a storage on a node; creeps upwards. A shared storage is the same everywhere. */
export function storageUsed(state: ClusterState, storage: Storage, node: Node): number {
  const place = storage.shared ? 0 : node.salt;
  const share = storage.usedFraction + 0.1 * (noise(storage.salt, place) - 0.5);
  return Math.floor(storage.total * share) + 4096 * Math.floor(state.clock.now() / 60_000 - 29_000_000);
}
