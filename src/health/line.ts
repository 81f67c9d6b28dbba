const DAY_MS = 86_400_000;
/** A line needs at least this many samples, a date also this many days. */
const SAMPLES_AT_LEAST = 10;
const DAYS_AT_LEAST = 5;
/** No forecast reaches further ahead than this many times the observed span. */
const AHEAD = 6;
/** The share of all pairs of samples that must rise; more are needed with few samples, so that noise does not pass for growth. */
const RISING_AT_LEAST = 0.75;
/** Growth must go on: in the newest third it must be at least this share of the total rate. */
const STILL = 0.2;
/** The time is divided into this many parts, none of which may be lower than the one before. */
const PARTS = 6;
/** A part with fewer samples has no line. */
const PART_AT_LEAST = 4;

/** One sample: a value at a moment (ms). */
export interface Sample {
  at: number;
  value: number;
}

/** How a value developed. */
export interface Line {
  /**
   * The median of the slopes between all pairs of samples (Theil and Sen): a single large deletion or backup does not move it.
   */
  perDay: number;
  /** The lower and upper bound of the growth: from the middle half of those slopes, and the lines of both halves of the time. */
  slow: number;
  fast: number;
  /** The share of pairs that rise. */
  rising: number;
  /** How many days were observed. */
  days: number;
}

/** Why no date can be given. */
export type WhyNot = 'too-little' | 'full' | 'no-growth' | 'not-steady' | 'stopped' | 'too-slow';

/** When something will be full (ms) if it continues like this; `latest` is null if that is open. Or why that is unknown. */
export type UntilFull = { at: number; earliest: number; latest: number | null } | { why: WhyNot };

/** The line through these samples, oldest first; null if there are too few. */
export function lineOf(samples: readonly Sample[]): Line | null {
  if (samples.length < SAMPLES_AT_LEAST) return null;
  const slopes = slopesOf(samples);
  if (slopes.length === 0) return null;
  const middle = (samples[0]!.at + samples.at(-1)!.at) / 2;
  const halves = [samples.filter(one => one.at <= middle), samples.filter(one => one.at > middle)];
  const parts = halves.flatMap(half => partSlope(half) ?? []);
  return {
    perDay: quantile(slopes, 0.5) * DAY_MS,
    slow: Math.min(quantile(slopes, 0.25), ...parts) * DAY_MS,
    fast: Math.max(quantile(slopes, 0.75), ...parts) * DAY_MS,
    rising: slopes.filter(slope => slope > 0).length / slopes.length,
    days: (samples.at(-1)!.at - samples[0]!.at) / DAY_MS,
  };
}

/** When these samples (oldest first) will have reached the `capacity`. Never a date that they do not support. */
export function untilFull(samples: readonly Sample[], capacity: number): UntilFull {
  const line = lineOf(samples);
  if (line === null || line.days < DAYS_AT_LEAST) return { why: 'too-little' };
  const { perDay, slow, fast, days } = line;
  const last = samples.at(-1)!;
  const left = capacity - last.value;
  if (left <= 0) return { why: 'full' };
  if (perDay <= 0) return { why: 'no-growth' };
  if (line.rising < risingAtLeast(samples.length)) return { why: 'not-steady' };
  const recent = partSlope(samples.filter(one => one.at >= last.at - (days / 3) * DAY_MS));
  if (recent !== null && recent * DAY_MS < perDay * STILL) return { why: 'stopped' };
  if (!climbs(samples)) return { why: 'not-steady' };
  if (left / perDay > days * AHEAD) return { why: 'too-slow' };
  const { low, high } = standOf(samples, perDay);
  const after = (used: number, growth: number) =>
    Math.round(last.at + (Math.max(0, capacity - used) / growth) * DAY_MS);
  const latest = slow > 0 ? after(low, slow) : null;
  return {
    at: after(last.value, perDay),
    earliest: after(high, fast),
    latest: latest !== null && latest - last.at <= 2 * AHEAD * days * DAY_MS ? latest : null,
  };
}

/** With few samples nearly all pairs must rise: by Kendall's test, noise gets this far once in a million times. */
function risingAtLeast(looks: number): number {
  const deviation = Math.sqrt((2 * (2 * looks + 5)) / (9 * looks * (looks - 1)));
  return Math.max(RISING_AT_LEAST, Math.min(0.98, 0.5 + 2.375 * deviation));
}

/**
 * Whether no part of the time is lower than the one before. A random walk that happens to have risen also has mostly rising
 * pairs, but rarely in all parts.
 */
function climbs(samples: readonly Sample[]): boolean {
  const begin = samples[0]!.at;
  const length = (samples.at(-1)!.at - begin) / PARTS;
  const parts = Map.groupBy(samples, one => Math.min(PARTS - 1, Math.floor((one.at - begin) / length)));
  const medians = [...parts]
    .sort(([a], [b]) => a - b)
    .map(([, part]) =>
      quantile(
        part.map(one => one.value).sort((a, b) => a - b),
        0.5,
      ),
    );
  return medians.every((value, index) => index === 0 || value >= medians[index - 1]!);
}

/** Between which values the line is at the last sample, including that sample. */
function standOf(samples: readonly Sample[], perDay: number): { low: number; high: number } {
  const last = samples.at(-1)!;
  const now = samples.map(one => one.value + ((last.at - one.at) / DAY_MS) * perDay).sort((a, b) => a - b);
  return {
    low: Math.min(last.value, quantile(now, 0.25)),
    high: Math.max(last.value, quantile(now, 0.75)),
  };
}

function partSlope(samples: readonly Sample[]): number | null {
  const slopes = samples.length < PART_AT_LEAST ? [] : slopesOf(samples);
  return slopes.length === 0 ? null : quantile(slopes, 0.5);
}

/** Per millisecond, smallest first. */
function slopesOf(samples: readonly Sample[]): Float64Array {
  const slopes = new Float64Array((samples.length * (samples.length - 1)) / 2);
  let count = 0;
  for (const [index, later] of samples.entries())
    for (let before = 0; before < index; before++) {
      const { at, value } = samples[before]!;
      if (later.at > at) slopes[count++] = (later.value - value) / (later.at - at);
    }
  return slopes.subarray(0, count).sort();
}

function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
