import { MAX_TIME, storableTime } from './limits.ts';
import { parseNote } from './note.ts';

/*
 * Whose clock a moment was read from (all in ms since 1970). Moments of different clocks do not mix, and a plain number is none: it
 * becomes one where it is read from a clock, an answer or a file. Only this module converts between clocks, by how far they are
 * apart.
 */

declare const clock: unique symbol;
type ReadFrom<Clock extends string> = number & { readonly [clock]: Clock };
/** A number that is not yet a moment of any clock. */
type Undated = number & { readonly [clock]?: never };

/** By this machine's clock: when something was read or seen. */
export type OurTime = ReadFrom<'ours'>;

/** By the clock of the node that answers: dates history, tasks and log lines, and is unaffected when our clock is set. */
export type ClusterTime = ReadFrom<"the cluster's">;

/** By the clock of the node that something is about: Proxmox dates its tasks, log lines and snapshots by it. */
export type NodeTime = ReadFrom<"a node's">;

/** A moment by our clock (ms). */
export function ourTime(ms: Undated): OurTime {
  return ms as number as OurTime;
}

/** A moment by the clock of the node that answers (ms). */
export function clusterTime(ms: Undated): ClusterTime {
  return ms as number as ClusterTime;
}

/** A moment by the clock of the node that something is about (ms). */
export function nodeTime(ms: Undated): NodeTime {
  return ms as number as NodeTime;
}

/** That much later (ms; earlier if negative), by the same clock. */
export function later<T extends OurTime | ClusterTime | NodeTime>(at: T, by: number): T {
  return (at + by) as T;
}

/** When something that has run for `uptime` (s) began, within the store's range. */
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

/** How far clocks that agree may seem apart (ms): the offset is known to half a second, and answers take a moment. */
export const OFFSET_NOISE_MS = 2_000;

/** What the note with the clocks' offset says (ms); null where there is none, or it cannot be one. */
export function parseOffset(note: string | null): number | null {
  return parseNote(
    note,
    (value): value is number => typeof value === 'number' && Math.abs(value) <= MAX_TIME,
  );
}

/** Our moment in the cluster's time; the cluster's clock is `ahead` of ours (ms). See NodeClocks for those of other nodes. */
export function toClusterTime(at: OurTime, ahead: number): ClusterTime {
  return clusterTime(Math.abs(ahead) < OFFSET_NOISE_MS ? Number(at) : storableTime(at + ahead));
}

/** A moment of the cluster's in our time; its clock is `ahead` of ours (ms). */
export function toOurTime(at: ClusterTime, ahead: number): OurTime {
  return ourTime(Math.abs(ahead) < OFFSET_NOISE_MS ? Number(at) : storableTime(at - ahead));
}

/** The cluster's moment by a node's clock, which is `ahead` of the cluster's (ms). */
export function toNodeTime(at: ClusterTime, ahead: number): NodeTime {
  return nodeTime(at + ahead);
}

/** A node's moment in the cluster's time; the node's clock is `ahead` of it (ms). */
export function fromNodeTime(at: NodeTime, ahead: number): ClusterTime {
  return clusterTime(storableTime(at - ahead));
}
