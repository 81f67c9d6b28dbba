/*
 * What the store can hold of an outside fact. The edge that reads answers and the columns that store them use the same limits,
 * so that what would not fit is left out before anything is written.
 */

/** The largest integer of both engines. */
export const MAX_INT = 2 ** 31 - 1;
/** The last millisecond of the year 9999; beyond it the engines disagree. */
export const MAX_TIME = 253_402_300_799_999;
/** The largest count of bytes that JavaScript represents exactly. */
export const MAX_BYTES = Number.MAX_SAFE_INTEGER;
/** The largest VMID in Proxmox VE. */
export const MAX_VMID = 999_999_999;
/** Some thirty years in seconds: a longer uptime is not credible. */
export const MAX_UPTIME_S = 1_000_000_000;

/** The longest texts, in UTF-16 units: names that other rows refer to, words such as a status, and prose. */
export const LONGEST = { id: 200, word: 100, text: 10_000, upid: 500, user: 500, source: 420 } as const;

/** The longest value that is kept as JSON (characters). */
export const LONGEST_JSON = 4_000_000;

/** The longest value of a configuration key: a description has at most 8 KiB, cloud-init keys somewhat more. */
export const LONGEST_CONFIG_VALUE = 65_536;

/** A moment in milliseconds within the store's range; clocks outside may show anything. */
export function storableTime(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(Math.round(ms), 0), MAX_TIME) : 0;
}
