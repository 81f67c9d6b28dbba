import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { formatTime, parseMoment, placeToken } from '../../../src/history/moment.ts';
import type { MomentOptions } from '../../../src/history/moment-words.ts';

const at = (iso: string) => Date.parse(iso);
// Friday, a winter day in Berlin (+01:00).
const NOW = at('2026-11-20T15:30:00+01:00');
const berlin = (edge: 'start' | 'end' = 'start', now = NOW): MomentOptions => ({
  now,
  timeZone: 'Europe/Berlin',
  edge,
});
const time = (text: string, options = berlin()) => {
  const moment = parseMoment(text, options);
  if (moment.kind !== 'time') throw new Error(`${text} is a ${moment.kind}`);
  return new Date(moment.at).toISOString();
};

describe('moments in Berlin on Friday, 20 November 2026, 15:30', () => {
  test.each([
    ['now', '2026-11-20T14:30:00.000Z'],
    ['NOW', '2026-11-20T14:30:00.000Z'],
    ['90s', '2026-11-20T14:28:30.000Z'],
    ['15m', '2026-11-20T14:15:00.000Z'],
    ['2h', '2026-11-20T12:30:00.000Z'],
    ['2 h ago', '2026-11-20T12:30:00.000Z'],
    ['2 hours ago', '2026-11-20T12:30:00.000Z'],
    ['an hour ago', '2026-11-20T13:30:00.000Z'],
    ['30 minutes', '2026-11-20T14:00:00.000Z'],
    ['1 day ago', '2026-11-19T14:30:00.000Z'],
    ['2 Weeks ago', '2026-11-06T14:30:00.000Z'],
    ['-2h', '2026-11-20T12:30:00.000Z'],
    ['7d', '2026-11-13T14:30:00.000Z'],
    ['2w', '2026-11-06T14:30:00.000Z'],
    ['999999999w', '1970-01-01T00:00:00.000Z'],
    ['18:00', '2026-11-19T17:00:00.000Z'],
    ['15:30', '2026-11-20T14:30:00.000Z'],
    ['23:59', '2026-11-19T22:59:00.000Z'],
    ['today 18:00', '2026-11-20T17:00:00.000Z'],
    ['09:15', '2026-11-20T08:15:00.000Z'],
    ['9:15', '2026-11-20T08:15:00.000Z'],
    ['today', '2026-11-19T23:00:00.000Z'],
    ['yesterday', '2026-11-18T23:00:00.000Z'],
    ['yesterday 18:00', '2026-11-19T17:00:00.000Z'],
    ['yesterday at 18:00', '2026-11-19T17:00:00.000Z'],
    ['Yesterday 8:05', '2026-11-19T07:05:00.000Z'],
    ['today 08:00', '2026-11-20T07:00:00.000Z'],
    ['monday', '2026-11-15T23:00:00.000Z'],
    ['last friday', '2026-11-12T23:00:00.000Z'],
    ['friday', '2026-11-12T23:00:00.000Z'],
    ['thursday', '2026-11-18T23:00:00.000Z'],
    ['last friday 09:30', '2026-11-13T08:30:00.000Z'],
    ['2026-11-20', '2026-11-19T23:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-11-20T10:00:00', '2026-11-20T09:00:00.000Z'],
    ['2026-11-20 10:00', '2026-11-20T09:00:00.000Z'],
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00.123Z', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20T10:00:00-05:00', '2026-11-20T15:00:00.000Z'],
    ['2026-11-20T10:00+01:00', '2026-11-20T09:00:00.000Z'],
  ])('$0 is $1', (text, expected) => expect(time(text)).toBe(expected));

  test.each([
    ['2026-11-19', '2026-11-19T22:59:59.999Z'],
    ['yesterday', '2026-11-19T22:59:59.999Z'],
    ['monday', '2026-11-16T22:59:59.999Z'],
    ['yesterday 18:00', '2026-11-19T17:00:00.000Z'],
  ])('$0 as an end is $1', (text, expected) => expect(time(text, berlin('end'))).toBe(expected));

  // Each as a start and as an end: whole stretches of the calendar, parts of days, the clock.
  test.each([
    ['this week', '2026-11-15T23:00:00.000Z', '2026-11-22T22:59:59.999Z'],
    ['last week', '2026-11-08T23:00:00.000Z', '2026-11-15T22:59:59.999Z'],
    ['previous  week', '2026-11-08T23:00:00.000Z', '2026-11-15T22:59:59.999Z'],
    ['This Month', '2026-10-31T23:00:00.000Z', '2026-11-30T22:59:59.999Z'],
    ['last month', '2026-09-30T22:00:00.000Z', '2026-10-31T22:59:59.999Z'],
    ['this year', '2025-12-31T23:00:00.000Z', '2026-12-31T22:59:59.999Z'],
    ['last year', '2024-12-31T23:00:00.000Z', '2025-12-31T22:59:59.999Z'],
    ['october', '2026-09-30T22:00:00.000Z', '2026-10-31T22:59:59.999Z'],
    ['december', '2025-11-30T23:00:00.000Z', '2025-12-31T22:59:59.999Z'],
    ['2026-10', '2026-09-30T22:00:00.000Z', '2026-10-31T22:59:59.999Z'],
    ['this morning', '2026-11-19T23:00:00.000Z', '2026-11-20T10:59:59.999Z'],
    ['this afternoon', '2026-11-20T11:00:00.000Z', '2026-11-20T16:59:59.999Z'],
    ['yesterday morning', '2026-11-18T23:00:00.000Z', '2026-11-19T10:59:59.999Z'],
    ['yesterday evening', '2026-11-19T17:00:00.000Z', '2026-11-19T22:59:59.999Z'],
    ['last evening', '2026-11-19T17:00:00.000Z', '2026-11-19T22:59:59.999Z'],
    ['last night', '2026-11-19T17:00:00.000Z', '2026-11-20T04:59:59.999Z'],
    ['yesterday night', '2026-11-19T17:00:00.000Z', '2026-11-20T04:59:59.999Z'],
    ['tonight', '2026-11-20T17:00:00.000Z', '2026-11-21T04:59:59.999Z'],
    ['monday night', '2026-11-16T17:00:00.000Z', '2026-11-17T04:59:59.999Z'],
    ['last friday evening', '2026-11-13T17:00:00.000Z', '2026-11-13T22:59:59.999Z'],
    ['the day before yesterday', '2026-11-17T23:00:00.000Z', '2026-11-18T22:59:59.999Z'],
    ['November 3', '2026-11-02T23:00:00.000Z', '2026-11-03T22:59:59.999Z'],
    ['3rd of nov', '2026-11-02T23:00:00.000Z', '2026-11-03T22:59:59.999Z'],
    ['nov 21', '2025-11-20T23:00:00.000Z', '2025-11-21T22:59:59.999Z'],
    ['december 24, 2024', '2024-12-23T23:00:00.000Z', '2024-12-24T22:59:59.999Z'],
    ['3 november 08:00', '2026-11-03T07:00:00.000Z', '2026-11-03T07:00:00.000Z'],
    ['tue', '2026-11-16T23:00:00.000Z', '2026-11-17T22:59:59.999Z'],
    ['on tuesday', '2026-11-16T23:00:00.000Z', '2026-11-17T22:59:59.999Z'],
    ['last 24 hours', '2026-11-19T14:30:00.000Z', '2026-11-20T14:30:00.000Z'],
    ['the past 7 days', '2026-11-13T14:30:00.000Z', '2026-11-20T14:30:00.000Z'],
    ['last hour', '2026-11-20T13:30:00.000Z', '2026-11-20T14:30:00.000Z'],
    ['past week', '2026-11-13T14:30:00.000Z', '2026-11-20T14:30:00.000Z'],
    ['one month ago', '2026-10-20T13:30:00.000Z', '2026-10-20T13:30:00.000Z'],
    ['3 months', '2026-08-20T13:30:00.000Z', '2026-08-20T13:30:00.000Z'],
    ['a year ago', '2025-11-20T14:30:00.000Z', '2025-11-20T14:30:00.000Z'],
    ['6pm', '2026-11-19T17:00:00.000Z', '2026-11-19T17:00:00.000Z'],
    ['12 am', '2026-11-19T23:00:00.000Z', '2026-11-19T23:00:00.000Z'],
    ['noon', '2026-11-20T11:00:00.000Z', '2026-11-20T11:00:00.000Z'],
    ['midnight', '2026-11-19T23:00:00.000Z', '2026-11-19T23:00:00.000Z'],
    ['yesterday at 6:30 pm', '2026-11-19T17:30:00.000Z', '2026-11-19T17:30:00.000Z'],
    ['last monday noon', '2026-11-16T11:00:00.000Z', '2026-11-16T11:00:00.000Z'],
    ['18:00:30', '2026-11-19T17:00:30.000Z', '2026-11-19T17:00:30.000Z'],
  ])('$0 is from $1 to $2', (text, start, end) => {
    expect(time(text)).toBe(start);
    expect(time(text, berlin('end'))).toBe(end);
  });

  test('in the small hours tonight and last night are the night under way', () => {
    const [start, now] = ['2026-11-19T17:00:00.000Z', at('2026-11-20T02:00:00+01:00')];
    expect(time('tonight', berlin('start', now))).toBe(start);
    expect(time('last night', berlin('start', now))).toBe(start);
  });

  test('on a Monday this week begins today, and monday is a week ago', () => {
    const now = at('2026-11-16T08:00:00+01:00');
    expect(time('this week', berlin('start', now))).toBe('2026-11-15T23:00:00.000Z');
    expect(time('last week', berlin('start', now))).toBe('2026-11-08T23:00:00.000Z');
    expect(time('monday', berlin('start', now))).toBe('2026-11-08T23:00:00.000Z');
  });

  test('the same words mean other times in another zone', () => {
    const auckland: MomentOptions = { now: NOW, timeZone: 'Pacific/Auckland', edge: 'start' };
    // There it is Saturday, 03:30.
    expect(time('this month', auckland)).toBe('2026-10-31T11:00:00.000Z');
    expect(time('last week', auckland)).toBe('2026-11-08T11:00:00.000Z');
    expect(time('this morning', auckland)).toBe('2026-11-20T11:00:00.000Z');
  });

  test('a run, a token and the word last are moments by themselves', () => {
    expect(parseMoment('run:41', berlin())).toEqual({ kind: 'run', run: 41 });
    expect(parseMoment('Run 41', berlin())).toEqual({ kind: 'run', run: 41 });
    const place = { seq: 123456, line: 'k3f9', at: 1_790_000_000_000 };
    expect(parseMoment(placeToken(place), berlin())).toEqual({ kind: 'seq', seq: 123456, place });
    expect(parseMoment('seq~2n9c', berlin())).toEqual({ kind: 'seq', seq: 123456, place: null });
    expect(parseMoment('LAST', berlin())).toEqual({ kind: 'last' });
  });

  test.each([
    '',
    'soon',
    '25:00',
    '10:77',
    '2026-02-30',
    '2026-13-01',
    'last noneday',
    'run:',
    'seq~',
    '1y',
    '5 fortnights',
    'in 2h',
    '2h later',
    'rerun:41',
    'run:41.5',
    'seq~3?',
    'a seq~3',
    'next monday',
    'next monday 18:00',
    '18:00 yesterday',
    '20261120',
    'before 2026-11-20 10:00',
    'constructor',
    'this friday',
    'morning',
    'last morning',
    'this',
    'last year morning',
    'yesterday midnight',
    '13pm',
    '0am',
    '2026-13',
    'next week',
    'november 31',
    'november 0',
    '3 november 4',
    'february 29 2026',
    'past tense',
  ])('%j is none, and the answer names the forms', text =>
    expect(() => parseMoment(text, berlin())).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('yesterday 18:00') }),
    ));
});

test('a long text that is no moment is told by how it begins', () => {
  expect(() => parseMoment(`${'x'.repeat(60)}y`, berlin())).toThrow(`"${'x'.repeat(60)}" is not`);
});

describe('daylight saving in Berlin', () => {
  test('spring: the day has 23 hours, and 02:30 does not exist', () => {
    // 29 March 2026, 02:00 -> 03:00.
    const after = at('2026-03-29T12:00:00+02:00');
    expect(time('1d', berlin('start', after))).toBe('2026-03-28T11:00:00.000Z');
    expect(time('24h', berlin('start', after))).toBe('2026-03-28T10:00:00.000Z');
    expect(time('1w', berlin('start', after))).toBe('2026-03-22T11:00:00.000Z');
    expect(time('2026-03-29', berlin('start', after))).toBe('2026-03-28T23:00:00.000Z');
    expect(time('2026-03-29', berlin('end', after))).toBe('2026-03-29T21:59:59.999Z');
    expect(time('02:30', berlin('start', after))).toBe('2026-03-29T01:30:00.000Z');
    expect(time('yesterday 12:00', berlin('start', after))).toBe('2026-03-28T11:00:00.000Z');
  });

  test('autumn: the day has 25 hours, and 02:30 happens twice', () => {
    // 25 October 2026, 03:00 -> 02:00.
    const after = at('2026-10-25T12:00:00+01:00');
    expect(time('1d', berlin('start', after))).toBe('2026-10-24T10:00:00.000Z');
    expect(time('24h', berlin('start', after))).toBe('2026-10-24T11:00:00.000Z');
    expect(time('2026-10-25', berlin('start', after))).toBe('2026-10-24T22:00:00.000Z');
    expect(time('2026-10-25', berlin('end', after))).toBe('2026-10-25T22:59:59.999Z');
    expect(time('2026-10-25T02:30:00', berlin('start', after))).toBe('2026-10-25T00:30:00.000Z');
  });

  test('weeks, months and nights with a change of the clocks in them', () => {
    // Thursday, 29 October 2026: last week ended with the day of 25 hours, in the night of which the clocks went back.
    const after = at('2026-10-29T12:00:00+01:00');
    expect(time('last week', berlin('start', after))).toBe('2026-10-18T22:00:00.000Z');
    expect(time('last week', berlin('end', after))).toBe('2026-10-25T22:59:59.999Z');
    expect(time('this month', berlin('start', after))).toBe('2026-09-30T22:00:00.000Z');
    const morning = at('2026-10-25T09:00:00+01:00');
    expect(time('last night', berlin('start', morning))).toBe('2026-10-24T16:00:00.000Z');
    expect(time('last night', berlin('end', morning))).toBe('2026-10-25T04:59:59.999Z');
    expect(time('1 month ago', berlin('start', at('2026-04-28T12:00:00+02:00')))).toBe(
      '2026-03-28T11:00:00.000Z',
    );
  });

  test('a clock time in the hour that happens twice is never in the future', () => {
    const within = at('2026-10-25T02:15:00+01:00');
    expect(time('02:10', berlin('start', within)) <= new Date(within).toISOString()).toBe(true);
  });
});

test('what was last ends where the present begins, in any zone at any time', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/Santiago',
    'Pacific/Apia',
    'Australia/Lord_Howe',
    'Asia/Gaza',
  ];
  const anyNow = fc.integer({ min: Date.UTC(2012, 0), max: Date.UTC(2040, 0) });
  const property = fc.property(anyNow, fc.constantFrom(...zones), (now, timeZone) => {
    const ms = (text: string, edge: 'start' | 'end') => at(time(text, { now, timeZone, edge }));
    for (const unit of ['week', 'month', 'year']) {
      expect(ms(`last ${unit}`, 'end') + 1).toBe(ms(`this ${unit}`, 'start'));
      expect(ms(`this ${unit}`, 'start')).toBeLessThanOrEqual(now);
      expect(ms(`this ${unit}`, 'end')).toBeGreaterThanOrEqual(now);
    }
    expect(ms('yesterday morning', 'end') + 1).toBe(ms('yesterday afternoon', 'start'));
    expect(ms('yesterday evening', 'end') + 1).toBe(ms('today', 'start'));
    expect(ms('last night', 'start')).toBe(ms('yesterday evening', 'start'));
  });
  fc.assert(property, { numRuns: 500 });
});

test('times show the offset of their zone, to the second', () => {
  expect(formatTime(at('2026-07-01T10:00:00.987Z'), 'Europe/Berlin')).toBe('2026-07-01T12:00:00+02:00');
  expect(formatTime(at('2026-12-01T10:00:00Z'), 'Europe/Berlin')).toBe('2026-12-01T11:00:00+01:00');
  expect(formatTime(at('2026-12-01T10:00:00Z'), 'UTC')).toBe('2026-12-01T10:00:00+00:00');
  expect(formatTime(at('2026-12-01T10:00:00Z'), 'Asia/Kathmandu')).toBe('2026-12-01T15:45:00+05:45');
  expect(formatTime(Date.UTC(12_000, 0) + 0.5, 'UTC')).toBe('+012000-01-01T00:00:00+00:00');
});

test('any time in any zone is written as Temporal writes it', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
  zones.push('Africa/Monrovia', 'Africa/Casablanca', 'Pacific/Apia', 'America/St_Johns', 'Antarctica/Troll');
  const anyTime = fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2080, 0) });
  // A second before and after each half hour of days on which Berlin's clocks change, or Lord Howe's by half an hour.
  const changing = fc
    .tuple(
      fc.constantFrom('2026-03-29', '2026-10-25', '2026-04-04', '2026-10-03').map(at),
      fc.nat(48),
      fc.integer({ min: -1, max: 1 }),
    )
    .map(([day, halfHours, second]) => day + halfHours * 1_800_000 + second * 1000);
  const property = fc.property(fc.oneof(anyTime, changing), fc.constantFrom(...zones), (ms, zone) => {
    const written = Temporal.Instant.fromEpochMilliseconds(ms)
      .toZonedDateTimeISO(zone)
      .toString({ smallestUnit: 'second', timeZoneName: 'never' });
    expect(formatTime(ms, zone)).toBe(written);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('a zone where midnight does not exist begins its day later', () => {
  // Santiago, 6 September 2026: 00:00 -> 01:00.
  const options: MomentOptions = {
    now: at('2026-09-07T12:00:00Z'),
    timeZone: 'America/Santiago',
    edge: 'start',
  };
  expect(time('2026-09-06', options)).toBe('2026-09-06T04:00:00.000Z');
});
