/** Orders two values; unknown ones come last in either direction (1 or -1). */
export function compare(a: unknown, b: unknown, direction = 1): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return (a < b ? -1 : 1) * direction;
}
