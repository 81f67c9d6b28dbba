/*
 * Whose clock a moment is read from (all in ms since 1970). A moment of one clock is not one of another: only
 * src/discovery/common/clock.ts turns one into the other, by how far they are apart. A plain number fits everywhere, as
 * what is reckoned from moments is
 * one; what bears a clock's name cannot be taken for another clock's.
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
