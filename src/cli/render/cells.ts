import { oneLine } from '../../text/clean.ts';

const segmenter = new Intl.Segmenter();

/** Columns that a text takes in a terminal, one for each character as a reader counts them. */
export function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...segmenter.segment(text)].length;
}

/** The text in at most `width` columns, with an ellipsis if it was cut. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const kept = [...segmenter.segment(text)].slice(0, Math.max(0, width - 1)).map(one => one.segment);
  return `${kept.join('')}…`;
}

/** The text in lines of at most `width` columns, all but the first indented; words that do not fit are broken. */
export function wrap(text: string, width: number): string[] {
  const indent = '  ';
  const lines = [''];
  for (const word of text.split(/(?<= )/)) {
    if (widthOf((lines.at(-1)! + word).trimEnd()) > width && lines.at(-1)!.trim() !== '') lines.push(indent);
    let rest = word;
    while (widthOf((lines.at(-1)! + rest).trimEnd()) > width) {
      const room = Math.max(1, width - widthOf(lines.at(-1)!));
      const fitting = [...segmenter.segment(rest)].slice(0, room).map(one => one.segment);
      lines[lines.length - 1] += fitting.join('');
      rest = rest.slice(fitting.join('').length);
      lines.push(indent);
    }
    lines[lines.length - 1] += rest;
  }
  return lines.map(line => line.trimEnd());
}

/** The text padded to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** Any value of an answer in one line for people. `name` tells its unit. */
export function cell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return name.endsWith('_seconds') ? duration(value) : String(value);
  if (typeof value === 'string') return oneLine(isTime(value) ? shortTime(value) : value);
  if (Array.isArray(value)) return value.map(one => cell('', one)).join(name === 'attention' ? '; ' : ',');
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${cell(key, inner)}`)
    .join(', ');
}

/** The heading of a column or line: with its unit, except for seconds, which are written out. */
export function label(name: string): string {
  return oneLine(name)
    .replace(/_seconds$/, '')
    .replace(/_at$/, '')
    .replaceAll('_', ' ');
}

/** `2026-11-20 18:03` from an ISO 8601 time, whose offset is that of the configured zone. */
export function shortTime(time: string): string {
  return oneLine(time).slice(0, 16).replace('T', ' ');
}

/** Whether a value is shown as a time. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value);
}

/** Seconds in their two largest units. */
export function duration(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  const at = units.findIndex(([, size]) => seconds >= size);
  if (at === -1) return `${Math.round(seconds)} s`;
  const [unit, size] = units[at]!;
  const [nextUnit, nextSize] = units[at + 1] ?? ['', 1];
  const rest = Math.floor((seconds % size) / nextSize);
  return `${Math.floor(seconds / size)} ${unit}${nextUnit !== '' && rest > 0 ? ` ${rest} ${nextUnit}` : ''}`;
}
