const BARS = '▁▂▃▄▅▆▇█';
const GAP = ' ';
/** Values that differ by no more than this share are drawn flat, at this height, even if magnified. */
const FLAT = 0.005;
const FLAT_BAR = 3;

/**
 * Values as a line of at most `width` blocks, with gaps as blanks. It starts at 0, or if `magnified` at the smallest value, so
 * that slow growth can be seen: the numbers beside it tell how much that is.
 */
export function sparkline(
  values: readonly (number | null)[],
  { magnified = false, width = 30 }: { magnified?: boolean; width?: number } = {},
): string {
  const shown = thinned(values, width);
  const known = shown.filter(value => value !== null);
  const max = Math.max(0, ...known);
  const min = Math.min(...known);
  const isFlat = max - min <= max * FLAT;
  const floor = magnified && !isFlat ? min : 0;
  const bar = (value: number) =>
    max === 0 ? 0 : Math.min(BARS.length - 1, Math.floor(((value - floor) / (max - floor)) * BARS.length));
  return shown
    .map(value => (value === null ? GAP : BARS[magnified && isFlat ? FLAT_BAR : bar(value)]!))
    .join('');
}

/** Averages of neighbours, so that at most `width` values are left; a group without a value is a gap. */
export function thinned(values: readonly (number | null)[], width: number): (number | null)[] {
  const each = Math.max(1, Math.ceil(values.length / width));
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) => {
    const known = values.slice(index * each, (index + 1) * each).filter(value => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}
