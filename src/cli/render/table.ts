import { cell, label, pad, shorten, widthOf } from './cells.ts';
import { bold } from './style.ts';

/** One row of an answer. */
export type Row = { [field: string]: unknown };

const GAP = '  ';
/** No column gets narrower than this, in characters. */
const NARROWEST = 6;

/**
 * Rows as a table that fits a terminal of `width` columns (null: as wide as it is). Where it does not shorten, the widest
 * columns are cut; where that is not enough, the last ones are left out and named.
 */
export function table(rows: readonly Row[], width: number | null): string {
  const names = columnsOf(rows);
  const cells = rows.map(row => names.map(name => cell(name, row[name])));
  const heads = names.map(name => label(name).toUpperCase());
  const natural = heads.map((head, at) => Math.max(widthOf(head), ...cells.map(row => widthOf(row[at]!))));
  const { widths, left } = fitWidths(natural, width);
  const right = names.map(
    (name, at) => rows.every(row => row[name] === undefined || typeof row[name] === 'number') && at > 0,
  );
  const line = (texts: string[], style: (text: string) => string = text => text) =>
    widths
      .map((size, at) => style(pad(shorten(texts[at]!, size), size, right[at] ? 'right' : 'left')))
      .join(GAP)
      .trimEnd();
  const lines = [line(heads, bold), ...cells.map(row => line(row))];
  if (left > 0) lines.push(`(not shown for want of width: ${names.slice(-left).map(label).join(', ')})`);
  return lines.join('\n');
}

/** All fields of the rows, in the order they first appear. */
function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap(row => Object.keys(row)))];
}

function fitWidths(natural: number[], width: number | null): { widths: number[]; left: number } {
  const widths = [...natural];
  const total = () => widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length);
  if (width === null) return { widths, left: 0 };
  while (total() > width) {
    const widest = Math.max(...widths);
    if (widest > NARROWEST) widths[widths.lastIndexOf(widest)] = widest - 1;
    else if (widths.length > 1) widths.pop();
    else break;
  }
  return { widths, left: natural.length - widths.length };
}
