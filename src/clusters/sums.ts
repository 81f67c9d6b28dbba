type Facts = { [name: string]: unknown };

/** Sums of sizes; percentages are weighted by the sizes they refer to. */
export function addedTotals(totals: readonly Facts[]): Facts {
  const sum = (name: string) => totals.reduce((all, one) => all + Number(one[name] ?? 0), 0);
  const share = (name: string, of: string) =>
    totals.reduce((all, one) => all + Number(one[name] ?? 0) * Number(one[of] ?? 0), 0) / sum(of);
  const parts = [
    ['cpus', 'cpu_percent'],
    ['memory_gib', 'memory_percent'],
    ['storage_gib', 'storage_percent'],
  ] as const;
  return Object.fromEntries(
    parts.flatMap(([size, percent]) => [
      ...(totals.every(one => one[size] !== undefined) ? [[size, round(sum(size))]] : []),
      ...(totals.every(one => one[percent] !== undefined) ? [[percent, round(share(percent, size))]] : []),
    ]),
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Adds up numbers at any depth; of anything else the first is kept. */
export function added(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a;
  const [one, other] = [a as Facts, b as Facts];
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map(name => [
      name,
      one[name] === undefined
        ? other[name]
        : other[name] === undefined
          ? one[name]
          : added(one[name], other[name]),
    ]),
  );
}
