import { cell, isTime, label, pad, shorten, widthOf } from './cells.ts';
import { bold } from './style.ts';

/** One row of an answer. */
export type Row = { [field: string]: unknown };

const GAP = '  ';
/** Least width of a text column, in characters: less would tell nobody anything. */
const NARROWEST = 16;
/** Columns that are useless if cut. */
const WHOLE = new Set(['upid', 'resource', 'metric', 'plot']);

/**
 * Rows as a table that fits a terminal of `width` columns (null: no limit). If necessary, the widest columns are cut; if that is
 * not enough, the last ones are left out and named.
 */
export function table(rows: readonly Row[], width: number | null): string {
  const names = columnsOf(rows);
  const cells = rows.map(row => names.map(name => cell(name, row[name])));
  const heads = names.map(name => label(name).toUpperCase());
  const natural = heads.map((head, at) => Math.max(widthOf(head), ...cells.map(row => widthOf(row[at]!))));

  const numeric = names.map(
    (name, at) => rows.every(row => row[name] === undefined || typeof row[name] === 'number') && at > 0,
  );
  const whole = names.map(
    (name, at) => numeric[at] || WHOLE.has(name) || rows.some(row => isTime(row[name])),
  );
  const { widths, left } = fitWidths(natural, whole, width);
  const line = (texts: string[], style: (text: string) => string = text => text) =>
    widths
      .map((size, at) => style(pad(shorten(texts[at]!, size), size, numeric[at] ? 'right' : 'left')))
      .join(GAP)
      .trimEnd();
  const lines = [line(heads, bold), ...cells.map(row => line(row))];
  if (left > 0) lines.push(`(not shown for lack of width: ${names.slice(-left).map(label).join(', ')})`);
  return lines.join('\n');
}

/** All fields of the rows, in the order they first appear; a task's long id comes last, where it takes no room from others. */
function columnsOf(rows: readonly Row[]): string[] {
  const names = new Set(rows.flatMap(row => Object.keys(row)));
  return names.delete('upid') ? [...names, 'upid'] : [...names];
}

/**
 * Numbers, times and ids are never cut; texts are, the widest first. Columns that still do not fit are left out from the right.
 */
function fitWidths(
  natural: number[],
  whole: boolean[],
  width: number | null,
): { widths: number[]; left: number } {
  const widths = [...natural];
  if (width === null) return { widths, left: 0 };
  const least = natural.map((size, at) => (whole[at] ? size : Math.min(size, NARROWEST)));
  const total = (sizes: number[]) => sizes.reduce((sum, one) => sum + one + GAP.length, -GAP.length);
  while (widths.length > 1 && total(least.slice(0, widths.length)) > width) widths.pop();
  for (let over = total(widths) - width; over > 0; over--) {
    const [widest = 0] = widths
      .map((_, at) => at)
      .filter(at => widths.length === 1 || widths[at]! > least[at]!)
      .sort((a, b) => widths[b]! - widths[a]! || b - a);
    widths[widest] = Math.max(1, widths[widest]! - 1);
  }
  return { widths, left: natural.length - widths.length };
}
