/** A figure that must not pass its target. */
export interface Check {
  what: string;
  value: number;
  target: number;
  unit: string;
}

export type Cell = string | number;

export interface Table {
  title: string;
  columns: string[];
  rows: Cell[][];
  /** What a reader has to know to read it right. */
  note?: string;
}

/** What one benchmark found. */
export interface Report {
  tables: Table[];
  checks: Check[];
}

export interface BenchmarkOptions {
  /** Full size and more rounds: minutes instead of seconds. */
  full: boolean;
}

/** One benchmark: a name to call it by and what it measures. */
export interface Benchmark {
  name: string;
  title: string;
  run(options: BenchmarkOptions): Promise<Report>;
}

/** A table as Markdown with its columns aligned. */
export function tableText({ title, columns, rows, note }: Table): string {
  const lines = [columns, ...rows.map(row => row.map(cellText))];
  const widths = columns.map((_, n) => Math.max(3, ...lines.map(line => line[n]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
  const [head, ...body] = lines.map(line);
  const rule = line(widths.map(width => '-'.repeat(width)));
  return [`**${title}**`, '', head, rule, ...body, ...(note ? ['', note] : [])].join('\n');
}

/** The checks as a table with their outcome. */
export function checksTable(checks: Check[]): Table {
  return {
    title: 'Targets',
    columns: ['figure', 'measured', 'target', ''],
    rows: checks.map(({ what, value, target, unit }) => [
      what,
      `${cellText(value)} ${unit}`.trim(),
      `at most ${target} ${unit}`.trim(),
      value <= target ? 'met' : 'MISSED',
    ]),
  };
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell)) return cell.toLocaleString('en');
  const digits = Math.abs(cell) < 10 ? 2 : Math.abs(cell) < 100 ? 1 : 0;
  return cell.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
