import { cell, pad, shortTime, widthOf } from './cells.ts';
import { chart } from './chart.ts';
import { bold } from './style.ts';
import { type Row, table } from './table.ts';

/** On narrower terminals (columns), numbers tell more than a plot. */
const NARROWEST = 60;

/** True for rows of what resources used. */
export function areUsage(rows: readonly Row[]): boolean {
  return rows.length > 0 && rows.every(row => 'metric' in row && 'sparkline' in row);
}

/** Whether a terminal of this width (null: none) can draw blocks, unless a person declined (`NO_COLOR`). */
export function canPlot(width: number | null, env: NodeJS.ProcessEnv = process.env): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'utf-8';
  return (
    width !== null &&
    width >= NARROWEST &&
    env['TERM'] !== 'dumb' &&
    !env['NO_COLOR'] &&
    /utf-?8/i.test(locale)
  );
}

/**
 * A line for each metric, with a plot if one can be drawn. If the rows have points, these follow as charts, or as a table of
 * numbers, in which `-` is a gap.
 */
export function usageText(rows: readonly Row[], width: number | null, plots = canPlot(width)): string {
  const hasPoints = rows.some(row => pointsOf(row).length > 0);
  const fills = rows.some(row => row['until_full'] !== undefined);
  const overview = table(
    rows.map(row => line(row, { plots: plots && !hasPoints, fills })),
    width,
  );
  const head = [overview, ...gapLines(rows)].join('\n');
  if (!hasPoints) return head;
  const details = plots ? rows.map(row => plot(row, width!)) : [pointTable(rows, width)];
  return [head, ...details].join('\n\n');
}

/** A resource as people name it: with a guest's name, or the node of a local storage. */
function title({ resource, name, node }: Row): string {
  const isStorage = String(resource).startsWith('storage/');
  return [cell('', resource), cell('', isStorage ? node : name)].filter(Boolean).join(' ');
}

function measure({ metric, unit }: Row): string {
  return `${cell('', metric)} ${cell('', unit)}`;
}

/** The most important columns come first: a narrow terminal leaves out the last ones. */
function line(row: Row, { plots, fills }: { plots: boolean; fills: boolean }): Row {
  const { capacity, cpus, until_full: until } = row;
  return {
    resource: title(row),
    metric: measure(row),
    now: row['now'],
    of: capacity ?? (cpus === undefined ? undefined : `${cell('', cpus)} CPUs`),
    ...(fills && { full: until === undefined ? undefined : full(until as Row) }),
    ...(plots && { plot: row['sparkline'] }),
    max: row['max'],
    p95: row['p95'],
    median: row['median'],
    min: row['min'],
    per_day: row['slope_per_day'],
  };
}

function full({ at, earliest, latest, why }: Row): string {
  if (why !== undefined) return cell('', why).replace('cannot be told: ', 'not told: ');
  const until = latest === undefined ? 'or later' : `to ${cell('', latest)}`;
  return `${cell('', at)} (${cell('', earliest)} ${until})`;
}

/** When nothing was recorded, once for all metrics with the same gap. */
function gapLines(rows: readonly Row[]): string[] {
  const lines = rows.flatMap(row =>
    (Array.isArray(row['gaps']) ? (row['gaps'] as [string, string][]) : []).map(
      ([from, to]) => `${title(row)}: nothing recorded from ${shortTime(from)} to ${shortTime(to)}`,
    ),
  );
  return [...new Set(lines)];
}

type Point = [time: string, value: number | null];

function pointsOf(row: Row): Point[] {
  return Array.isArray(row['points']) ? (row['points'] as Point[]) : [];
}

function plot(row: Row, width: number): string {
  const points = pointsOf(row);
  const lines = chart(
    points.map(([, value]) => value),
    width,
  );
  const [begin, end] = [points[0], points.at(-1)].map(point => (point ? shortTime(point[0]) : ''));
  const room = Math.max(...lines.map(widthOf)) - widthOf(begin!);
  return [
    bold(`${title(row)}  ${measure(row)}`),
    ...lines,
    begin! + pad(end!, Math.max(room, widthOf(end!) + 1), 'right'),
  ].join('\n');
}

function pointTable(rows: readonly Row[], width: number | null): string {
  const columns = rows.map(row => ({
    name: `${title(row)} ${measure(row)}`,
    points: new Map(pointsOf(row)),
  }));
  const times = [...new Set(columns.flatMap(({ points }) => [...points.keys()]))].sort();
  return table(
    times.map(time => ({
      time,
      ...Object.fromEntries(
        columns.map(({ name, points }) => [name, points.has(time) ? (points.get(time) ?? '-') : undefined]),
      ),
    })),
    width,
  );
}
