import type { Fill } from './facts.ts';
import { lineOf, type UntilFull, untilFull } from './line.ts';

/** A size that differs by more than this share is that of another storage, or of an enlarged one. */
const RESIZED = 0.02;

/** How a storage grows, as recorded. */
export interface Trend {
  bytesPerDay: number;
  /** How many days the records span. */
  days: number;
  full: UntilFull;
}

/** The growth of a storage. Null if too little was recorded. */
export function trendOf({ totalBytes, usedBytes, past }: Fill, now: number): Trend | null {
  if (!totalBytes || usedBytes === null) return null;
  const before = sameSize(past, totalBytes).filter(one => one.at < now);
  const samples = [...before, { at: now, usedBytes }].map(one => ({
    at: one.at,
    value: one.usedBytes,
  }));
  const line = lineOf(samples);
  const full = untilFull(samples, totalBytes);
  if (line === null || ('why' in full && full.why === 'too-little')) return null;
  return { bytesPerDay: Math.round(line.perDay), days: Math.round(line.days), full };
}

/** The newest samples with its present size. */
function sameSize(past: Fill['past'], totalBytes: number): Fill['past'] {
  const other = past.findLastIndex(one => Math.abs(one.totalBytes - totalBytes) > totalBytes * RESIZED);
  return past.slice(other + 1);
}
