import type { TruthGuest, TruthState } from './truth-state.ts';

/** Which guest plays which part of the day; undefined if the cluster has too few. */
export interface Cast {
  nodes: string[];
  /** The node that loses power; never the first. */
  lastNode: string;
  database: number | undefined;
  container: number | undefined;
  tagged: number | undefined;
  renamed: number | undefined;
  oldName: string | null;
  network: number | undefined;
  stopped: number | undefined;
  snapshotted: number | undefined;
  ha: number | undefined;
  template: number | undefined;
  migrated: number | undefined;
  backedUp: number | undefined;
  doomed: number | undefined;
  reusedSame: number | undefined;
  reusedOther: number | undefined;
  templated: number | undefined;
  /** Created during the day. */
  created: number | undefined;
  cloned: number | undefined;
  /** Guests that were running on the node that lost power. */
  ranOnLost: number[];
  /** A node other than the guest's own that stays up. */
  otherNode: (vmid: number) => string | undefined;
}

/** Gives every part to another guest, lowest VMID first, so that the day of a seed is always the same. */
export function castDay(state: () => TruthState): Cast {
  const begin = state();
  const nodes = Object.keys(begin.nodes).map(name => name.slice('node/'.length));
  const lastNode = nodes.at(-1)!;
  const free = new Set(Object.values(begin.guests).sort((a, b) => a.vmid - b.vmid));
  const take = (fits: (guest: TruthGuest) => boolean): number | undefined => {
    for (const guest of free) {
      if (!fits(guest)) continue;
      free.delete(guest);
      return guest.vmid;
    }
    return undefined;
  };
  const vm = (status: string, also: (guest: TruthGuest) => boolean = () => true): number | undefined =>
    take(
      guest =>
        guest.type === 'qemu' &&
        guest.status === status &&
        !guest.template &&
        guest.ha === null &&
        also(guest),
    );
  const staysUp = (guest: TruthGuest): boolean => nodes.length < 3 || guest.node !== lastNode;
  const ha = take(guest => guest.ha === 'started' && guest.snapshots.includes('before_upgrade'));
  const template = take(guest => guest.template && guest.type === 'qemu');
  const database = vm('running', staysUp);
  const renamed = vm('running', guest => staysUp(guest) && guest.name !== null);
  return {
    nodes,
    lastNode,
    ha,
    template,
    database,
    renamed,
    oldName: begin.guests[`vm/${renamed}`]?.name ?? null,
    tagged: vm('running', staysUp),
    network: vm('running', staysUp),
    snapshotted: vm('running', staysUp),
    migrated: vm('running', staysUp),
    stopped: vm('stopped'),
    backedUp: vm('stopped', staysUp),
    reusedSame: vm('stopped', staysUp) ?? vm('running', staysUp),
    reusedOther: vm('stopped', staysUp) ?? vm('running', staysUp),
    templated: vm('stopped', staysUp),
    container: take(
      guest => guest.type === 'lxc' && guest.status === 'running' && guest.ha === null && staysUp(guest),
    ),
    doomed: take(guest => guest.type === 'lxc' && guest.ha === null && staysUp(guest)),
    created: undefined,
    cloned: undefined,
    ranOnLost: [],
    otherNode: vmid => {
      const guests = state().guests;
      const at = (guests[`vm/${vmid}`] ?? guests[`container/${vmid}`])?.node;
      return nodes.find(node => node !== at && (nodes.length < 3 || node !== lastNode));
    },
  };
}
