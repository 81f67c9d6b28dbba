import { Temporal } from 'temporal-polyfill';
import { UsageError } from '../errors.ts';

/** What a person may mean by a moment: a time (ms since 1970), the end of a run, a place in the sequence, or their last question. */
export type Moment =
  | { kind: 'time'; at: number }
  | { kind: 'run'; run: number }
  | { kind: 'seq'; seq: number }
  | { kind: 'last' };

/** How a moment's words are to be read. */
export interface MomentOptions {
  /** The present (ms). */
  now: number;
  /** IANA time zone in which bare dates and clock times are meant. */
  timeZone: string;
  /** A bare date as an end means the end of that day. */
  edge: 'start' | 'end';
}

/** Every way to write a moment, for hints. */
export const MOMENT_FORMS =
  'ISO 8601 (2026-11-20T18:00:00+01:00), a date (2026-11-20), a time (18:00), a span back (90s, 15m, 2h, 7d, 2w), ' +
  'now, today, yesterday, "yesterday 18:00", monday, "last friday", run:41, or a next_from token';

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600 };
const DAYS: Record<string, number> = { d: 1, w: 7 };
const SPAN = /^-?(\d{1,9})\s*(s|m|h|d|w|(?:second|minute|hour|day|week)s?)(?:\s+ago)?$/;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** The opaque token that names a place in the sequence. */
export function seqToken(seq: number): string {
  return `seq~${seq.toString(36)}`;
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
  if (token) return { kind: 'seq', seq: Number.parseInt(token[1]!, 36) };
  const span = SPAN.exec(word.replace(/^an? /, '1 '));
  if (span) return { kind: 'time', at: spanBack(Number(span[1]), span[2]![0]!, options) };
  const at = absolute(trimmed, options) ?? onDay(word, options);
  if (at === null)
    throw new UsageError(`"${text.slice(0, 60)}" is not a moment.`, { hint: `Use ${MOMENT_FORMS}.` });
  return { kind: 'time', at };
}

/** Days and weeks back are calendar days, so that "1d" across a clock change is the same time yesterday. */
function spanBack(count: number, unit: string, { now, timeZone }: MomentOptions): number {
  const seconds = SECONDS[unit];
  if (seconds !== undefined) return now - count * seconds * 1000;
  const days = count * DAYS[unit]!;
  const then = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  try {
    return then.subtract({ days }).epochMilliseconds;
  } catch {
    return 0;
  }
}

function absolute(text: string, { timeZone, edge }: MomentOptions): number | null {
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) (\d)/, '$1T$2');
  try {
    return Temporal.Instant.from(iso).epochMilliseconds;
  } catch {
    // Not an instant: a date or a time without an offset, meant in the configured zone.
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

/** `18:00`, `today`, `yesterday 18:00`, `monday`, `last friday 09:30`: the most recent past. */
function onDay(word: string, options: MomentOptions): number | null {
  const match =
    /^(?:last\s+)?(?<day>[a-z]+day)?(?:\s+at)?\s*(?<hour>\d{1,2}):(?<minute>\d\d)$|^(?:last\s+)?(?<bare>[a-z]+day)$/.exec(
      word,
    );
  if (!match?.groups) return null;
  const { hour, minute } = match.groups;
  const day = match.groups['day'] ?? match.groups['bare'];
  const present = Temporal.Instant.fromEpochMilliseconds(options.now).toZonedDateTimeISO(options.timeZone);
  const today = present.toPlainDate();
  let date = today;
  if (day === 'yesterday') date = today.subtract({ days: 1 });
  else if (day !== undefined && day !== 'today') {
    const wanted = WEEKDAYS.indexOf(day) + 1;
    if (wanted === 0) return null;
    date = today.subtract({ days: (today.dayOfWeek - wanted + 7) % 7 || 7 });
  }
  if (hour === undefined) return dayEdge(date, options.timeZone, options.edge);
  if (Number(hour) > 23 || Number(minute) > 59) return null;
  const time = Temporal.PlainTime.from({ hour: Number(hour), minute: Number(minute) });
  const at = date.toZonedDateTime({ timeZone: options.timeZone, plainTime: time });
  // A clock time alone is the last one that passed.
  const past = day === undefined && at.epochMilliseconds > options.now ? at.subtract({ days: 1 }) : at;
  return past.epochMilliseconds;
}

function dayEdge(date: Temporal.PlainDate, timeZone: string, edge: 'start' | 'end'): number {
  const start = edge === 'end' ? date.add({ days: 1 }) : date;
  const at = start.toZonedDateTime({ timeZone }).epochMilliseconds;
  return edge === 'end' ? at - 1 : at;
}

/** A moment in ISO 8601 with the zone's offset, to the second: `2026-11-20T18:00:00+01:00`. */
export function formatTime(at: number, timeZone: string): string {
  if (at < WHOLE_OFFSETS_SINCE || at > WRITTEN_IN_FOUR_DIGITS)
    return zoned(at, timeZone).toString(TO_THE_SECOND);
  const { ms, text } = offsetAt(at, timeZone);
  return new Date(at + ms).toISOString().slice(0, 19) + text;
}

const TO_THE_SECOND = { smallestUnit: 'second', timeZoneName: 'never' } as const;
/** Until then some zones' offsets had seconds. */
const WHOLE_OFFSETS_SINCE = Date.UTC(1973, 0);
const WRITTEN_IN_FOUR_DIGITS = Date.UTC(9999, 0);
/** Clocks change at quarters of an hour (ms). */
const QUARTER = 900_000;
const OFFSETS_AT_MOST = 10_000;

/** Offsets by zone and quarter of an hour: looking one up costs as much as a hundred formatted times. */
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
