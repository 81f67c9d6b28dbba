import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { formatTime, type MomentOptions, parseMoment, seqToken } from '../../src/state/moment.ts';

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
  ])('%s', (text, expected) => expect(time(text)).toBe(expected));

  test.each([
    ['2026-11-19', '2026-11-19T22:59:59.999Z'],
    ['yesterday', '2026-11-19T22:59:59.999Z'],
    ['monday', '2026-11-16T22:59:59.999Z'],
    ['yesterday 18:00', '2026-11-19T17:00:00.000Z'],
  ])('%s as an end', (text, expected) => expect(time(text, berlin('end'))).toBe(expected));

  test('runs, tokens, last', () => {
    expect(parseMoment('run:41', berlin())).toEqual({ kind: 'run', run: 41 });
    expect(parseMoment('Run 41', berlin())).toEqual({ kind: 'run', run: 41 });
    expect(parseMoment(seqToken(123456), berlin())).toEqual({ kind: 'seq', seq: 123456 });
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
    'monday morning',
    '18:00 yesterday',
    '20261120',
    'before 2026-11-20 10:00',
    'constructor',
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

  test('a clock time in the hour that happens twice is never in the future', () => {
    const within = at('2026-10-25T02:15:00+01:00');
    expect(time('02:10', berlin('start', within)) <= new Date(within).toISOString()).toBe(true);
  });
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
