import type { Gap, MetricSummary, UsageFacts, UsageMetric, UsageSubject } from '../../model/usage.ts';
import { isUnread, type UsageRow } from '../../proxmox/index.ts';

/** Points kept of a time frame. */
const POINTS_AT_MOST = 60;
/** How many rows before the end the newest value may be: the last rows are often still being written. */
const NEWEST_WITHIN = 3;
/** Gaps kept of a time frame. */
const GAPS_AT_MOST = 10;
/** A capacity that changed by more than this share counts as resized. */
const RESIZED = 0.02;

type Field =
  | 'cpu'
  | 'maxcpu'
  | 'mem'
  | 'maxmem'
  | 'disk'
  | 'maxdisk'
  | 'diskread'
  | 'diskwrite'
  | 'netin'
  | 'netout'
  | 'memused'
  | 'memtotal'
  | 'rootused'
  | 'roottotal'
  | 'used'
  | 'total';
/** The fields whose sum is measured, and the one that tells how much there is of it. */
interface Measure {
  of: readonly Field[];
  capacity?: Field;
}

const cpu: Measure = { of: ['cpu'], capacity: 'maxcpu' };
const network: Measure = { of: ['netin', 'netout'] };
const root: Measure = { of: ['rootused'], capacity: 'roottotal' };
const guest: { [metric in UsageMetric]?: Measure } = {
  cpu,
  memory: { of: ['mem'], capacity: 'maxmem' },
  disk: { of: ['diskread', 'diskwrite'] },
  network,
};

/** The measures taken from each type's rows. */
const MEASURES: { [type in UsageSubject['type']]: { [metric in UsageMetric]?: Measure } } = {
  vm: guest,
  container: { ...guest, storage: { of: ['disk'], capacity: 'maxdisk' } },
  node: {
    cpu,
    memory: { of: ['memused'], capacity: 'memtotal' },
    disk: root,
    network,
    storage: root,
  },
  storage: { storage: { of: ['used'], capacity: 'total' } },
};

function measured(row: UsageRow, { of }: Measure): number | undefined {
  const values = of.map(field => row[field]);
  return values.includes(undefined)
    ? undefined
    : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/**
 * The usage of a resource from these rows, without what was recorded before it existed (`since`, ms). Null where they cover no
 * time at all.
 */
export function summarise(
  all: readonly UsageRow[],
  type: UsageSubject['type'],
  since: number | null,
): UsageFacts | null {
  const rows = inOrder(all);
  const step = stepOf(rows);
  if (step === null) return null;
  const end = rows.at(-1)!.time;
  const count = Math.ceil((end - rows[0]!.time) / step) + 1;
  const every = Math.ceil(count / POINTS_AT_MOST) * step;
  const length = Math.ceil((count * step) / every);
  const grid = { from: end - length * every, every, length };
  const own = since === null ? rows : rows.filter(row => (row.time - step) * 1000 >= since);
  const metrics = Object.entries(MEASURES[type]).flatMap(([metric, measure]) => {
    const summary = summaryOf(own, measure, grid);
    return summary === null ? [] : [[metric, summary] as const];
  });
  return {
    from: grid.from * 1000,
    everyMs: every * 1000,
    stepMs: step * 1000,
    metrics: Object.fromEntries(metrics),
    unread: Object.entries(MEASURES[type]).flatMap(([metric, { of }]) =>
      own.some(row => of.some(field => isUnread(row, field))) ? [metric as UsageMetric] : [],
    ),
  };
}

/** Sorted by time, one row per time: after an upgrade the rows of the old files may overlap the new ones. */
function inOrder(rows: readonly UsageRow[]): UsageRow[] {
  const byTime = new Map<number, UsageRow>();
  for (const row of rows) {
    const same = byTime.get(row.time);
    byTime.set(row.time, same === undefined ? row : { ...same, ...row });
  }
  return [...byTime.values()].sort((a, b) => a.time - b.time);
}

/** The usual distance between the newest rows in seconds; null where there are not two. */
function stepOf(rows: readonly UsageRow[]): number | null {
  const gaps = rows.slice(-20).map((row, index, newest) => row.time - (newest[index - 1]?.time ?? row.time));
  const apart = gaps.filter(gap => gap > 0).sort((a, b) => a - b);
  return apart[Math.floor(apart.length / 2)] ?? null;
}

interface Grid {
  /** Seconds. */
  from: number;
  every: number;
  length: number;
}

function summaryOf(rows: readonly UsageRow[], measure: Measure, grid: Grid): MetricSummary | null {
  const known = rows.flatMap(row => {
    const found = measured(row, measure);
    return found === undefined ? [] : [{ time: row.time, value: found }];
  });
  if (known.length === 0) return null;
  const sorted = known.map(one => one.value).sort((a, b) => a - b);
  const newest = rows.slice(-NEWEST_WITHIN).map(row => measured(row, measure));
  return {
    min: short(sorted[0]!),
    median: short(quantile(sorted, 0.5)),
    p95: short(quantile(sorted, 0.95)),
    max: short(sorted.at(-1)!),
    now: newest.findLast(one => one !== undefined) ?? null,
    ...capacityOf(rows, measure),
    points: pointsOf(known, grid),
    gaps: gapsOf(rows, measure),
  };
}

function capacityOf(
  rows: readonly UsageRow[],
  { capacity }: Measure,
): Pick<MetricSummary, 'capacity' | 'capacitySince'> {
  const sized = rows.flatMap(row => {
    const found = capacity && row[capacity];
    return found === undefined ? [] : [{ time: row.time, total: found }];
  });
  const last = sized.at(-1)?.total;
  if (!last) return { capacity: null, capacitySince: 0 };
  const other = sized.findLast(one => Math.abs(one.total - last) > last * RESIZED);
  return { capacity: last, capacitySince: other === undefined ? 0 : other.time * 1000 };
}

function pointsOf(known: readonly { time: number; value: number }[], grid: Grid): (number | null)[] {
  const sums = Array.from({ length: grid.length }, () => ({ sum: 0, count: 0 }));
  for (const { time, value } of known) {
    const at = sums[Math.min(grid.length - 1, Math.max(0, Math.ceil((time - grid.from) / grid.every) - 1))]!;
    at.sum += value;
    at.count++;
  }
  return sums.map(({ sum, count }) => (count === 0 ? null : short(sum / count)));
}

/** The gaps between two records, and after the last one unless it is among the newest rows. */
function gapsOf(rows: readonly UsageRow[], measure: Measure): Gap[] {
  const known = rows.flatMap((row, index) => (measured(row, measure) === undefined ? [] : [index]));
  const ends = [...known.slice(1), ...(known.at(-1)! < rows.length - NEWEST_WITHIN ? [rows.length] : [])];
  const gaps = ends.flatMap((end, at): Gap[] => {
    const begin = known[at]!;
    if (end === begin + 1) return [];
    return [{ from: rows[begin]!.time * 1000, to: rows[end - 1]!.time * 1000 }];
  });
  const longest = gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, GAPS_AT_MOST);
  return longest.sort((a, b) => a.from - b.from);
}

/** The value that this share of all does not exceed (nearest rank). */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** Rounded to six digits, since it is kept for each point. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
