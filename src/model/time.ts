import { storableTime } from './limits.ts';

/*
 * Whose clock a moment is read from (all in ms since 1970). A moment of one clock is not one of another, and no plain number is
 * one: it becomes one where it is read, from a clock, an answer or a file, and then is turned into another clock's here alone, by
 * how far the two are apart.
 */

declare const told: unique symbol;
type ToldBy<Clock extends string> = number & { readonly [told]: Clock };
/** A number that no clock has told yet. */
type Untold = number & { readonly [told]?: never };

/** By the clock of this machine: when something was read or seen. */
export type OurTime = ToldBy<'ours'>;

/**
 * By the clock of the node that answers: what history, tasks and log lines are dated by, and what outlives a change of our
 * clock.
 */
export type ClusterTime = ToldBy<"the cluster's">;

/** By the clock of the node that something is about: how Proxmox tells its tasks, log lines and snapshots. */
export type NodeTime = ToldBy<"a node's">;

/** A moment as our clock tells it (ms). */
export function ourTime(ms: Untold): OurTime {
  return ms as number as OurTime;
}

/** A moment as the clock of the node that answers tells it (ms). */
export function clusterTime(ms: Untold): ClusterTime {
  return ms as number as ClusterTime;
}

/** A moment as the clock of the node that something is about tells it (ms). */
export function nodeTime(ms: Untold): NodeTime {
  return ms as number as NodeTime;
}

/** So much later (ms; earlier where it is negative), by the same clock. */
export function later<T extends OurTime | ClusterTime | NodeTime>(at: T, by: number): T {
  return (at + by) as T;
}

/** When what has run for so long (`uptime`, s) began, within what a store can hold. */
export function bootTime(at: OurTime, uptime: number): OurTime {
  return ourTime(storableTime(at - uptime * 1000));
}

/** The earliest of these moments. */
export function earliest<T extends OurTime | ClusterTime | NodeTime>(...moments: [T, ...T[]]): T {
  return Math.min(...moments) as T;
}

/** The latest of these moments. */
export function latest<T extends OurTime | ClusterTime | NodeTime>(...moments: [T, ...T[]]): T {
  return Math.max(...moments) as T;
}

/** The earliest of these moments; null where there is none. */
export function earliestOf<T extends OurTime | ClusterTime | NodeTime>(moments: readonly T[]): T | null {
  const [first, ...others] = moments;
  return first === undefined ? null : earliest(first, ...others);
}

/** The latest of these moments; null where there is none. */
export function latestOf<T extends OurTime | ClusterTime | NodeTime>(moments: readonly T[]): T | null {
  const [first, ...others] = moments;
  return first === undefined ? null : latest(first, ...others);
}

/** How far two clocks may seem apart that are not (ms): the offset is known to half a second, and answers take a moment. */
export const OFFSET_NOISE_MS = 2_000;

/** Our moment in the cluster's time, whose clock is `ahead` of ours (ms). See NodeClocks for the other nodes'. */
export function toClusterTime(at: OurTime, ahead: number): ClusterTime {
  return clusterTime(Math.abs(ahead) < OFFSET_NOISE_MS ? Number(at) : storableTime(at + ahead));
}

/** A moment of the cluster's in our time, by the same distance (ms). */
export function toOurTime(at: ClusterTime, ahead: number): OurTime {
  return ourTime(Math.abs(ahead) < OFFSET_NOISE_MS ? Number(at) : storableTime(at - ahead));
}

/** A moment as a node dates it, whose clock is `ahead` of the cluster's (ms). */
export function toNodeTime(at: ClusterTime, ahead: number): NodeTime {
  return nodeTime(at + ahead);
}

/** A node's moment in the cluster's time, of which the node's clock is `ahead` (ms). */
export function fromNodeTime(at: NodeTime, ahead: number): ClusterTime {
  return clusterTime(storableTime(at - ahead));
}
