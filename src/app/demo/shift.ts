import { day } from '../../simulator/timing.ts';

/** How to move events from around one moment to another. */
export interface Shift {
  /** The moment that all times are near (ms since 1970). */
  around: number;
  /** By how much they are moved (whole seconds, in ms). */
  by: number;
}

/** How far from that moment a number still counts as a time (ms): the simulated guests were created within two years. */
const BEFORE_MS = 1_000 * day;
const AFTER_MS = 30 * day;

/** Sizes may be as large as times. */
const SIZE = /bytes$|usage$/i;
/** `UPID:node:pid:pstart:starttime:...`, with hexadecimal numbers. */
const UPID = /\bUPID:[\w.-]+:[0-9A-F]{8}:[0-9A-F]{8,}:([0-9A-F]{8}):/g;
/** Seconds since 1970 in a text, as in `ctime=1792728840` and in the ids of log lines. */
const SECONDS = /(?<![\d.])\d{10}(?![\d.])/g;
/** The date in a backup's name: `vzdump-qemu-101-2026_11_27-04_14_00`. */
const BACKUP_DATE = /\bvzdump-[a-z]+-\d+-((\d{4})_(\d\d)_(\d\d)-(\d\d)_(\d\d)_(\d\d))/g;

/** A JSON value with all times in it moved. `key` is the name of its field. */
export function shiftValue(value: unknown, shift: Shift, key = ''): unknown {
  if (typeof value === 'string') return shiftText(value, shift);
  if (typeof value === 'number') return isTime(value, shift) && !SIZE.test(key) ? value + shift.by : value;
  if (Array.isArray(value)) return value.map(one => shiftValue(one, shift, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shiftValue(one, shift, name)]));
}

/** A text with the times moved that Proxmox writes into ids and names. */
export function shiftText(text: string, shift: Shift): string {
  const later = (seconds: number) => seconds + shift.by / 1000;
  return text
    .replace(UPID, (upid, start: string) => {
      const moved = later(Number.parseInt(start, 16)).toString(16).toUpperCase().padStart(8, '0');
      return upid.replace(`:${start}:`, `:${moved}:`);
    })
    .replace(SECONDS, seconds =>
      isTime(Number(seconds) * 1000, shift) ? String(later(Number(seconds))) : seconds,
    )
    .replace(BACKUP_DATE, (name, date: string, ...parts: string[]) => {
      const [year, month, dayOfMonth, hours, minutes, seconds] = parts.slice(0, 6).map(Number) as number[];
      const at = Date.UTC(year!, month! - 1, dayOfMonth, hours, minutes, seconds);
      return name.replace(date, dateInName(new Date(at + shift.by)));
    });
}

function dateInName(date: Date): string {
  const [calendar, clock] = date.toISOString().slice(0, 19).split('T') as [string, string];
  return `${calendar.replaceAll('-', '_')}-${clock.replaceAll(':', '_')}`;
}

function isTime(value: number, { around }: Shift): boolean {
  return value % 1000 === 0 && value > around - BEFORE_MS && value < around + AFTER_MS;
}
