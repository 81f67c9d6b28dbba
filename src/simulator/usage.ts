import { noise } from './prng.ts';
import type { ClusterState } from './state.ts';
import { beatMs, day } from './timing.ts';
import type { Guest, Node, PublishedFacts, Storage } from './types.ts';

/** Measured values change with each beat of pvestatd. */
const beat = (now: number): number => Math.floor(now / beatMs);

/** From 0 to 1 and back once a day: guests work by day, some by night. */
function rhythm(salt: number, now: number): number {
  return 0.5 - 0.5 * Math.cos((now / day + (noise(salt, 9) < 0.2 ? 0.5 : 0)) * 2 * Math.PI);
}

/** A running guest's usage: `cpu` is a fraction of all its CPUs, the rest are bytes, `uptime` seconds. */
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

/** Usage of a guest at a moment; zeros while it is stopped. Depends only on the guest and the time. */
export function guestUsage(guest: Guest, facts: PublishedFacts, now: number): GuestUsage {
  if (facts.status !== 'running') {
    return { cpu: 0, mem: 0, disk: 0, netin: 0, netout: 0, diskread: 0, diskwrite: 0, uptime: 0 };
  }
  const uptime = Math.max(0, Math.floor((now - (facts.startedAt ?? now)) / 1000));
  const { salt } = guest;
  const wave = noise(salt, beat(now));
  return {
    cpu: noise(salt, 1) ** 3 * (0.3 + 0.4 * rhythm(salt, now) + 0.3 * wave),
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
    cpu: 0.02 + noise(node.salt, 1) * (0.15 + 0.15 * rhythm(0, now)) + wave * 0.05,
    mem: Math.floor(node.memory * (0.3 + 0.3 * noise(node.salt, 2) + 0.02 * wave)),
    disk: Math.floor(node.rootfs * (0.1 + 0.3 * noise(node.salt, 3))),
    uptime: Math.max(0, Math.floor((now - node.startedAt) / 1000)),
  };
}

/** Bytes used on a storage of a node at a moment, by default now. A shared storage is the same everywhere. */
export function storageUsed(
  state: ClusterState,
  storage: Storage,
  node: Node,
  at: number = state.clock.now(),
): number {
  const place = storage.shared ? 0 : node.salt;
  const fill = storage.fills.findLast(one => one.at <= at);
  const { share, since } = fill
    ? { share: fill.share, since: fill.at }
    : { share: storage.usedFraction, since: state.begunAt };
  const begin = storage.total * (share + 0.1 * (noise(storage.salt, place) - 0.5));
  const grown = ((at - since) / day) * storage.growsBy + 4096 * Math.floor(at / 60_000 - 29_000_000);
  return Math.floor(Math.min(Math.max(begin + grown, storage.total * 0.02), storage.total));
}
