import type { WhyNot } from './line.ts';

const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;

/** Bytes in GiB with one decimal. */
export function gib(bytes: number): number {
  return Math.round((bytes / GIB) * 10) / 10;
}

/** A share of a whole in percent with one decimal. */
export function percentOf(part: number, whole: number): number {
  return Math.round((part / whole) * 1000) / 10;
}

/** Whole days between two moments (ms). */
export function daysBetween(from: number, to: number): number {
  return Math.floor((to - from) / DAY_MS);
}

/** The first names of a list, and how many more there are. */
export function shortList(names: readonly string[], atMost = 5): string {
  const shown = names.slice(0, atMost).join(', ');
  return names.length > atMost ? `${shown} and ${names.length - atMost} more` : shown;
}

/** The day of a moment (ms) in UTC: `2026-11-28`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The first and the last day (UTC) of a time span (ms); the last is null if it is open. */
export function dayRange({ earliest, latest }: { earliest: number; latest: number | null }) {
  return { earliest: dayOf(earliest), latest: latest === null ? null : dayOf(latest + DAY_MS - 1) };
}

/** Why no date can be given, in words. */
export function whyNotFull(why: WhyNot): string {
  return `cannot be told: ${WHY_NOT[why]}`;
}

const WHY_NOT: { [why in WhyNot]: string } = {
  'too-little': 'too little was recorded (it takes five days)',
  full: 'it is full',
  'no-growth': 'it does not grow',
  'not-steady': 'it rises and falls',
  stopped: 'it grew, but no longer does',
  'too-slow': 'it grows too slowly for the time that was watched',
};
