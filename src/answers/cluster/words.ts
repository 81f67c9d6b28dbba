/** How many left-out names are listed. */
export const LEFT_OUT_AT_MOST = 20;

/** The sum of these. */
export function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** The first of these names, and how many more there are. */
export function shortList(names: string[], atMost: number): string[] {
  return names.length <= atMost ? names : [...names.slice(0, atMost), `and ${names.length - atMost} more`];
}
