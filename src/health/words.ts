const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;

/** Bytes in GiB with one decimal. */
export function gib(bytes: number): number {
  return Math.round((bytes / GIB) * 10) / 10;
}

/** A share of a whole in percent with one decimal. */
export function percentOf(part: number, whole: number): number {
  return Math.round((part / whole) * 1000) / 10;
}

/** Whole days between two moments (ms). */
export function daysBetween(from: number, to: number): number {
  return Math.floor((to - from) / DAY_MS);
}

/** `1 guest`, `2 guests`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The first names of a list, and how many more there are. */
export function shortList(names: readonly string[], atMost = 5): string {
  const shown = names.slice(0, atMost).join(', ');
  return names.length > atMost ? `${shown} and ${names.length - atMost} more` : shown;
}
