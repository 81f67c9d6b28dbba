import type { Span } from './off.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Times are exact to a second at best, so zooming in further shows nothing more (ms). */
const SPAN_AT_LEAST = MINUTE;
/** Distances between ticks (ms). */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(one => one * MINUTE),
  ...[1, 2, 3, 6, 12].map(one => one * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map(one => one * DAY),
];

/** The span with some padding on both sides, so that nothing touches the edge. */
export function padded({ from, to }: Span): Span {
  const room = Math.max((to - from) * 0.02, SPAN_AT_LEAST / 2);
  return { from: from - room, to: to + room };
}

/** The view made `factor` times as wide with `at` staying in place; never wider than `bounds`. */
export function zoom(view: Span, factor: number, at: number, bounds: Span): Span {
  const width = view.to - view.from;
  const wanted = Math.min(Math.max(width * factor, SPAN_AT_LEAST), bounds.to - bounds.from);
  const from = at - ((at - view.from) * wanted) / width;
  return within({ from, to: from + wanted }, bounds);
}

/** The view moved by `by` ms, within `bounds`. */
export function pan(view: Span, by: number, bounds: Span): Span {
  return within({ from: view.from + by, to: view.to + by }, bounds);
}

/** The view moved just far enough to show a moment. */
export function reveal(view: Span, at: number, bounds: Span): Span {
  const edge = (view.to - view.from) * 0.05;
  if (at < view.from + edge) return pan(view, at - edge - view.from, bounds);
  if (at > view.to - edge) return pan(view, at + edge - view.to, bounds);
  return view;
}

function within({ from, to }: Span, bounds: Span): Span {
  const by = Math.max(0, bounds.from - from) - Math.max(0, to - bounds.to);
  return { from: from + by, to: to + by };
}

/** A mark on the axis. */
export interface Tick {
  at: number;
  label: string;
  /** A day begins here. */
  isDay: boolean;
}

/** Ticks at round local times, at least `apart` pixels from each other. */
export function ticks(view: Span, width: number, zone: string, apart = 90): Tick[] {
  const least = ((view.to - view.from) / Math.max(width, 1)) * apart;
  const step = STEPS.find(one => one >= least) ?? STEPS.at(-1)!;
  const offset = zoneOffset(zone);
  const marks: Tick[] = [];
  for (let local = ceil(view.from + offset(view.from), step); ; local += step) {
    const at = local - offset(local - offset(local));
    if (at > view.to) return marks;
    const isDay = local % DAY === 0;
    if (at >= view.from) marks.push({ at, isDay, label: isDay ? dayLabel(local) : clock(local) });
  }
}

function ceil(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function clock(local: number): string {
  return new Date(local).toISOString().slice(11, 16);
}

function dayLabel(local: number): string {
  const day = new Date(local);
  const text = `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
  return day.getUTCMonth() === 0 && day.getUTCDate() <= 7 ? `${text} ${day.getUTCFullYear()}` : text;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Returns a function for a zone's offset from UTC at a moment (ms); an unknown zone counts as UTC. */
export function zoneOffset(zone: string): (at: number) => number {
  const format = dateFormat(zone);
  return at => {
    const whole = Math.floor(at / 1000) * 1000;
    const parts = Object.fromEntries(
      format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts as { [part: string]: number };
    return Date.UTC(year!, month! - 1, day!, hour! % 24, minute!, second!) - whole;
  };
}

/** Creating a format takes longer than using it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(zone: string): Intl.DateTimeFormat {
  const format = formats.get(zone) ?? newDateFormat(zone);
  formats.set(zone, format);
  return format;
}

function newDateFormat(zone: string): Intl.DateTimeFormat {
  const shape = {
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...shape, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...shape, timeZone: 'UTC' });
  }
}

/** Returns a function that writes a moment such as `Sat 28 Nov 2026, 20:26:19`. */
export function timeText(zone: string): (at: number) => string {
  const offset = zoneOffset(zone);
  return at => {
    const local = new Date(at + offset(at));
    const day = `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
    return `${DAYS[local.getUTCDay()]} ${day}, ${local.toISOString().slice(11, 19)}`;
  };
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Returns a function that writes a moment to the minute, such as `28 Nov 20:26`. */
export function shortTimeText(zone: string): (at: number) => string {
  const offset = zoneOffset(zone);
  return at => {
    const local = at + offset(at);
    return `${new Date(local).getUTCDate()} ${MONTHS[new Date(local).getUTCMonth()]} ${clock(local)}`;
  };
}

/** A duration in its largest unit. */
export function lengthText(ms: number): string {
  if (ms < 1_000) return 'less than a second';
  const [size, unit] = (
    [
      [DAY, 'd'],
      [HOUR, 'h'],
      [MINUTE, 'min'],
    ] as const
  ).find(([one]) => ms >= 2 * one) ?? [1000, 's'];
  return `${Math.round(ms / size)} ${unit}`;
}
