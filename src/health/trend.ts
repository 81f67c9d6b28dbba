import type { Fill } from './facts.ts';

const DAY_MS = 86_400_000;
/** A trend rests on at least this many looks over this many days. */
const SAMPLES_AT_LEAST = 8;
const DAYS_AT_LEAST = 5;
/** No forecast reaches further ahead than this many times the span that was watched. */
const AHEAD = 6;
/** A size that moved by more than this share is another storage, or an enlarged one. */
const RESIZED = 0.02;

/** How a storage grows, by what was recorded of it. */
export interface Trend {
  bytesPerDay: number;
  /** How many days the recording spans. */
  days: number;
  /** When it will be full (ms) if it goes on like this; null where it does not grow, or too slowly to tell. */
  fullAt: number | null;
}

/**
 * The growth of a storage: the median of the slopes between all pairs of looks (Theil and Sen), which one large deletion or
 * backup does not move. Null where too little was recorded, or where the looks do not agree that it grows at all.
 */
export function trendOf({ totalBytes, usedBytes, past }: Fill, now: number): Trend | null {
  if (!totalBytes || usedBytes === null) return null;
  const samples = [...sameSize(past, totalBytes), { at: now, usedBytes, totalBytes }];
  const days = (now - samples[0]!.at) / DAY_MS;
  if (samples.length < SAMPLES_AT_LEAST || days < DAYS_AT_LEAST) return null;
  const slopes = slopesOf(samples).sort((a, b) => a - b);
  const bytesPerDay = quantile(slopes, 0.5) * DAY_MS;
  // Where a quarter of all pairs fall while most rise, it moves to and fro.
  const agrees = quantile(slopes, 0.25) > 0;
  const daysLeft = bytesPerDay > 0 ? (totalBytes - usedBytes) / bytesPerDay : Number.POSITIVE_INFINITY;
  return {
    bytesPerDay: Math.round(bytesPerDay),
    days: Math.round(days),
    fullAt: agrees && daysLeft <= days * AHEAD ? Math.round(now + daysLeft * DAY_MS) : null,
  };
}

/** The newest looks at which it had its present size. */
function sameSize(past: Fill['past'], totalBytes: number): Fill['past'] {
  const other = past.findLastIndex(one => Math.abs(one.totalBytes - totalBytes) > totalBytes * RESIZED);
  return past.slice(other + 1);
}

function slopesOf(samples: readonly { at: number; usedBytes: number }[]): number[] {
  return samples.flatMap((later, index) =>
    samples
      .slice(0, index)
      .filter(earlier => later.at > earlier.at)
      .map(earlier => (later.usedBytes - earlier.usedBytes) / (later.at - earlier.at)),
  );
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
