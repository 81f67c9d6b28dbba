import { Temporal } from 'temporal-polyfill';

/** How the words for a moment are to be read. */
export interface MomentOptions {
  /** The present (ms). */
  now: number;
  /** The IANA time zone of bare dates and clock times. */
  timeZone: string;
  /** As an end, a bare date means the end of that day. */
  edge: 'start' | 'end';
}

/** A period from `start` up to, but not including, `end`; a point in time has both the same. */
interface Period {
  start: Temporal.PlainDateTime;
  end: Temporal.PlainDateTime;
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

/**
 * The hours from a day's midnight at which its parts begin and end. They reach as far as people use the words, so that a question
 * misses nothing: the night of a day begins with its evening and ends the next morning.
 */
const DAY_PARTS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['morning', [0, 12]],
  ['afternoon', [12, 18]],
  ['evening', [18, 24]],
  ['night', [18, 30]],
]);

/**
 * Reads English words for a date or time, in lower case. Returns when it begins (ms) or, as an end, its last millisecond; null
 * for anything else. The most recent past is meant:
 *
 * - days: `today`, `yesterday`, `the day before yesterday`, `monday`, `last friday`; a weekday never means today;
 * - dates: `november 3`, `3 nov 2025`;
 * - parts of days: `this morning` (0 to 12 h), `yesterday afternoon` (12 to 18 h), `monday evening` (18 to 24 h), `last night`
 * and `yesterday night` (yesterday 18 h to today 6 h), `tonight` (the present night, or else the next);
 * - `this week`, `last week` (Monday to Sunday), `this month`, `last month`, `this year`, `last year`: calendar periods, the
 * present one included in full; `october`, `2026-10`;
 * - clock times: `18:00`, `6pm`, `noon`, `midnight`, `yesterday 18:00`, `last friday at 6:30 pm`.
 */
export function namedTime(words: string, { now, timeZone, edge }: MomentOptions): number | null {
  const present = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const word = words.replace(/^the /, '').replace(/\s+/g, ' ');
  const period =
    calendarPeriod(word, present.toPlainDate()) ??
    dayPart(word, present.toPlainDateTime()) ??
    clock(word, present);
  if (period === null) return null;
  const { epochMilliseconds } = period[edge].toZonedDateTime(timeZone);
  return edge === 'end' && !period.end.equals(period.start) ? epochMilliseconds - 1 : epochMilliseconds;
}

function calendarPeriod(word: string, today: Temporal.PlainDate): Period | null {
  const day = dayCalled(word, today);
  if (day !== null) return span(day, { days: 1 });
  const [, which, unit] = /^(this|last|previous) (week|month|year)$/.exec(word) ?? [];
  const back = which === 'this' ? 0 : 1;
  if (unit === 'week') return span(today.subtract({ days: today.dayOfWeek - 1, weeks: back }), { weeks: 1 });
  if (unit === 'month') return span(today.with({ day: 1 }).subtract({ months: back }), { months: 1 });
  if (unit === 'year') return span(today.with({ month: 1, day: 1 }).subtract({ years: back }), { years: 1 });
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(word) ?? [];
  if (year !== undefined)
    return span(Temporal.PlainDate.from({ year: Number(year), month: Number(number), day: 1 }), {
      months: 1,
    });
  const month = monthCalled(word);
  if (month === 0) return null;
  const past = month <= today.month ? 0 : 1;
  return span(today.with({ month, day: 1 }).subtract({ years: past }), { months: 1 });
}

/** `november 3`, `3 nov`, `3rd of november 2025`; without a year, the most recent one. */
function dateCalled(word: string, today: Temporal.PlainDate): Temporal.PlainDate | null {
  const [, first, name = '', second, year] =
    /^(?:(\d{1,2})(?:st|nd|rd|th)?(?: of)? )?([a-z]+)(?: (\d{1,2})(?:st|nd|rd|th)?)?(?:,? (\d{4}))?$/.exec(
      word,
    ) ?? [];
  const [month, day] = [monthCalled(name), first ?? second];
  if (month === 0 || day === undefined || (first !== undefined && second !== undefined)) return null;
  try {
    const fields = { year: Number(year ?? today.year), month, day: Number(day) };
    const date = Temporal.PlainDate.from(fields, { overflow: 'reject' });
    const ahead = year === undefined && Temporal.PlainDate.compare(date, today) > 0;
    return ahead ? date.subtract({ years: 1 }) : date;
  } catch {
    return null;
  }
}

/** The number of a month, from 1; 0 for any other word. */
function monthCalled(name: string): number {
  return MONTHS.findIndex(month => month === name || month.slice(0, 3) === name) + 1;
}

function dayPart(word: string, present: Temporal.PlainDateTime): Period | null {
  const [, called, part = ''] = /^(?:(.+) )?(\w+)$/.exec(word.replace('tonight', 'this night')) ?? [];
  const hours = DAY_PARTS.get(part);
  if (hours === undefined || called === undefined) return null;
  const today = present.toPlainDate();
  const underWay = part === 'night' && present.hour < hours[1] - 24;
  const day =
    called === 'this'
      ? today.subtract({ days: underWay ? 1 : 0 })
      : dayCalled(called === 'last' && hours[1] >= 24 ? 'yesterday' : called, today);
  const midnight = day?.toPlainDateTime();
  return midnight
    ? { start: midnight.add({ hours: hours[0] }), end: midnight.add({ hours: hours[1] }) }
    : null;
}

function clock(word: string, present: Temporal.ZonedDateTime): Period | null {
  const [, called, text = ''] =
    /^(?:(.+?) )??(?:at )?(\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?|\d{1,2} ?[ap]m|noon|midnight)$/.exec(word) ??
    [];
  const time = clockTime(text);
  const today = present.toPlainDate();
  const day = called === undefined ? today : dayCalled(called, today);
  // The midnight of a named day may be its beginning or its end.
  if (time === null || day === null || (called !== undefined && text === 'midnight')) return null;
  const at = day.toPlainDateTime(time);
  // A clock time alone means the last time it passed.
  const ahead = at.toZonedDateTime(present.timeZoneId).epochMilliseconds > present.epochMilliseconds;
  const past = called === undefined && ahead ? at.subtract({ days: 1 }) : at;
  return { start: past, end: past };
}

function clockTime(text: string): Temporal.PlainTime | null {
  if (text === 'noon') return Temporal.PlainTime.from('12:00');
  if (text === 'midnight') return Temporal.PlainTime.from('00:00');
  const [, hours = '', minutes = '0', seconds = '0', half] =
    /^(\d{1,2})(?::(\d\d))?(?::(\d\d))? ?([ap])?m?$/.exec(text) ?? [];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  const [first, last] = half === undefined ? [0, 23] : [1, 12];
  if (hours === '' || hour < first || hour > last || minute > 59 || second > 59) return null;
  return Temporal.PlainTime.from({
    hour: half ? (hour % 12) + (half === 'p' ? 12 : 0) : hour,
    minute,
    second,
  });
}

function dayCalled(word: string, today: Temporal.PlainDate): Temporal.PlainDate | null {
  if (word === 'today') return today;
  if (word === 'yesterday') return today.subtract({ days: 1 });
  if (word === 'day before yesterday') return today.subtract({ days: 2 });
  const [, name = ''] = /^(?:last |on )?([a-z]+)$/.exec(word) ?? [];
  const weekday = WEEKDAYS.findIndex(day => day === name || day.slice(0, 3) === name) + 1;
  if (weekday === 0) return dateCalled(word, today);
  return today.subtract({ days: (today.dayOfWeek - weekday + 7) % 7 || 7 });
}

function span(day: Temporal.PlainDate, length: Temporal.DurationLike): Period {
  return { start: day.toPlainDateTime(), end: day.add(length).toPlainDateTime() };
}
