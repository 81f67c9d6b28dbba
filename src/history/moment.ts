import { Temporal } from 'temporal-polyfill';
import { UsageError } from '../errors.ts';
import { type MomentOptions, namedTime } from './moment-words.ts';
import { formatPlace, type Place, parsePlace } from './place.ts';

/**
 * What a person may mean by a moment: a time (ms since 1970), the end of a run, a place in the sequence (`place` is null for a
 * token of an earlier version, which names no store), or their last question.
 */
export type Moment =
  | { kind: 'time'; at: number }
  | { kind: 'run'; run: number }
  | { kind: 'seq'; seq: number; place: Place | null }
  | { kind: 'last' };

/** Every way to write a moment, for hints. */
export const MOMENT_FORMS =
  'ISO 8601 (2026-11-20T18:00:00+01:00), a date (2026-11-20), a time (18:00), a span back (90s, 15m, 2h, 7d, 2w), ' +
  '"last 24 hours", now, today, "yesterday 18:00", "last night", monday, "last week", "this month", run:41, or a next_from token';

/** In order, so that `m` is minutes: the first unit that begins with the text is meant. */
const UNITS = ['seconds', 'minutes', 'hours', 'days', 'weeks', 'months', 'years'] as const;
const SPAN = /^-?(\d{1,9})\s*(s|m|h|d|w|(?:second|sec|minute|min|hour|day|week|month|year)s?)(?:\s+ago)?$/;
/** `last 24 hours`, `past week`: a span that ends now. `last week` is a calendar week. */
const LATELY = /^(?:the )?(?:(?:last|past) (?=\d|minute$|hour$)|past (?=[a-z]+$))(?:(\d{1,9}) )?([a-z]+)$/;

/** Whether a text is a span of time such as `7d` or `2 weeks`, rather than a moment. */
export function isSpan(text: string): boolean {
  return SPAN.test(text.trim().toLowerCase());
}

/** The opaque token for a place in the sequence. */
export function placeToken(place: Place): string {
  return `seq~${formatPlace(place)}`;
}

/** Reads a moment. @throws UsageError naming the accepted forms. */
export function parseMoment(text: string, options: MomentOptions): Moment {
  const trimmed = text.trim();
  const word = trimmed.toLowerCase();
  if (word === 'last') return { kind: 'last' };
  if (word === 'now') return { kind: 'time', at: options.now };
  const run = /^run[:/ ]?(\d{1,15})$/.exec(word);
  if (run) return { kind: 'run', run: Number(run[1]) };
  const token = /^seq~([0-9a-z]{1,10})$/.exec(word);
  if (token) return { kind: 'seq', seq: Number.parseInt(token[1]!, 36), place: null };
  const place = word.startsWith('seq~') ? parsePlace(word.slice(4)) : null;
  if (place !== null) return { kind: 'seq', seq: place.seq, place };
  const lately = LATELY.exec(word);
  const span = SPAN.exec(lately ? `${lately[1] ?? 1} ${lately[2]}` : word.replace(/^(?:an?|one) /, '1 '));
  if (span && lately && options.edge === 'end') return { kind: 'time', at: options.now };
  const at = span
    ? spanBack(Number(span[1]), span[2]!, options)
    : (absolute(trimmed, options) ?? namedTime(word, options));
  if (at === null)
    throw new UsageError(`"${text.slice(0, 60).toWellFormed()}" is not a moment.`, {
      hint: `Use ${MOMENT_FORMS}.`,
    });
  // No history reaches further, and the engines' calendars end at different years.
  return { kind: 'time', at: Math.min(Math.max(at, 0), WRITTEN_IN_FOUR_DIGITS) };
}

/** Days and longer units follow the calendar, so that "1d" across a clock change is the same time yesterday. */
function spanBack(count: number, unit: string, { now, timeZone }: MomentOptions): number {
  const then = zoned(now, timeZone);
  const units = UNITS.find(name => name.startsWith(unit.replace(/s$/, ''))) ?? 'seconds';
  try {
    return then.subtract({ [units]: count }).epochMilliseconds;
  } catch {
    return 0;
  }
}

function absolute(text: string, { timeZone, edge }: MomentOptions): number | null {
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) (\d)/, '$1T$2');
  try {
    return Temporal.Instant.from(iso).epochMilliseconds;
  } catch {
    // Not an instant: a date or a time without an offset, in the configured zone.
  }
  try {
    if (/^\d{4}-\d\d-\d\dT\d/.test(iso))
      return Temporal.PlainDateTime.from(iso).toZonedDateTime(timeZone).epochMilliseconds;
    if (/^\d{4}-\d\d-\d\d$/.test(iso)) return dayEdge(Temporal.PlainDate.from(iso), timeZone, edge);
  } catch {
    return null;
  }
  return null;
}

function dayEdge(date: Temporal.PlainDate, timeZone: string, edge: 'start' | 'end'): number {
  const start = edge === 'end' ? date.add({ days: 1 }) : date;
  const at = start.toZonedDateTime({ timeZone }).epochMilliseconds;
  return edge === 'end' ? at - 1 : at;
}

/**
 * A moment in ISO 8601 with the zone's offset, to the second: `2026-11-20T18:00:00+01:00`. Every number has a text, including one
 * beyond the calendar, as a cluster may send it: `no time (NaN)`.
 */
export function formatTime(at: number, timeZone: string): string {
  if (!(Math.abs(at) <= CALENDAR_ENDS)) return `no time (${at})`;
  if (at < WHOLE_OFFSETS_SINCE || at > WRITTEN_IN_FOUR_DIGITS)
    return zoned(at, timeZone).toString(TO_THE_SECOND);
  const { ms, text } = offsetAt(at, timeZone);
  return new Date(at + ms).toISOString().slice(0, 19) + text;
}

/** The limit of the calendar on both sides of 1970 (ms, ECMA-262 time values). */
const CALENDAR_ENDS = 8.64e15;
const TO_THE_SECOND = { smallestUnit: 'second', timeZoneName: 'never' } as const;
/** Before this, some zones' offsets had seconds. */
const WHOLE_OFFSETS_SINCE = Date.UTC(1973, 0);
const WRITTEN_IN_FOUR_DIGITS = Date.UTC(9999, 0);
/** Clocks change at quarters of an hour (ms). */
const QUARTER = 900_000;
const OFFSETS_AT_MOST = 10_000;

/** Offsets by zone and quarter of an hour: looking one up costs as much as formatting a hundred times. */
const offsets = new Map<string, { ms: number; text: string }>();

function offsetAt(at: number, timeZone: string): { ms: number; text: string } {
  const key = `${timeZone} ${Math.floor(at / QUARTER)}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    if (offsets.size >= OFFSETS_AT_MOST) offsets.clear();
    const { offsetNanoseconds, offset: text } = zoned(at, timeZone);
    offset = { ms: offsetNanoseconds / 1e6, text };
    offsets.set(key, offset);
  }
  return offset;
}

function zoned(at: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.trunc(at)).toZonedDateTimeISO(timeZone);
}
