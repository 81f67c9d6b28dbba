/*
 * What the store can hold of a fact from outside. The edge that reads answers and the columns that keep them go by the
 * same table, so that what would not fit is left out before anything is written.
 */

/** A whole number both engines' integers hold. */
export const MAX_INT = 2 ** 31 - 1;
/** The last millisecond of the year 9999: beyond it the engines disagree. */
export const MAX_TIME = 253_402_300_799_999;
/** A count of bytes beyond which JavaScript could not tell neighbours apart. */
export const MAX_BYTES = Number.MAX_SAFE_INTEGER;
/** The largest VMID Proxmox VE gives. */
export const MAX_VMID = 999_999_999;
/** Thirty years in seconds: what claims to run longer would have started before there were clocks to tell. */
export const MAX_UPTIME_S = 1_000_000_000;

/** The longest texts, in UTF-16 units: names that other rows refer to, words such as a status, and prose. */
export const LONGEST = { id: 200, word: 100, text: 10_000, upid: 500, user: 500, source: 420 } as const;

/** The longest value of a configuration key: a description has at most 8 KiB, cloud-init keys a few more. */
export const LONGEST_CONFIG_VALUE = 65_536;

/** A moment in milliseconds as the store can keep it: clocks from outside may tell any other. */
export function storableTime(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(Math.round(ms), 0), MAX_TIME) : 0;
}
