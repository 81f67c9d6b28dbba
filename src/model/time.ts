import { storableTime } from './limits.ts';

/*
 * Whose clock a moment is read from (all in ms since 1970). A moment of one clock is not one of another. By how far they are
 * apart one is turned into the other: a node's here, ours in src/discovery/common/clock.ts alone. A plain number fits
 * everywhere, as what is reckoned from moments is one; what bears a clock's name cannot be taken for another clock's.
 */

declare const told: unique symbol;
type ToldBy<Clock extends string> = number & { readonly [told]?: Clock };

/** By the clock of this machine: when something was read or seen. */
export type OurTime = ToldBy<'ours'>;

/**
 * By the clock of the node that answers: what history, tasks and log lines are dated by, and what outlives a change of our
 * clock.
 */
export type ClusterTime = ToldBy<"the cluster's">;

/** By the clock of the node that something is about: how Proxmox tells its tasks, log lines and snapshots. */
export type NodeTime = ToldBy<"a node's">;

/** The same moment by another clock: for clocks that are not distinguished, or whose distance nobody knows. */
export function sameMoment(at: OurTime | NodeTime): ClusterTime {
  return at + 0;
}

/** A moment as a node dates it, whose clock is `ahead` of the cluster's (ms). */
export function nodeTime(at: ClusterTime, ahead: number): NodeTime {
  return at + ahead;
}

/** A node's moment in the cluster's time, of which the node's clock is `ahead` (ms). */
export function fromNodeTime(at: NodeTime, ahead: number): ClusterTime {
  return storableTime(at - ahead);
}
