import type { UsageRow } from '../facts.ts';

/** A value with its unit. */
export function figure(value: number | undefined, unit: string): string {
  return value === undefined
    ? '–'
    : `${String(value).replace(/\B(?=(?:\d{3})+(?:\.|$))(?<!\.\d*)/g, ',')} ${unit}`;
}

/** When something is full, in words, and whether that is said with a day; null where it does not fill up. */
export function untilText({ until_full: full }: UsageRow): { text: string; soon: boolean } | null {
  if (full === undefined) return null;
  if (full.at === undefined) return { text: full.why ?? '', soon: false };
  const spread = [full.earliest, full.latest].filter(day => day !== undefined);
  const between =
    spread.length === 2
      ? ` (between ${spread.join(' and ')})`
      : spread.length === 1
        ? ` (${spread[0]} at the earliest)`
        : '';
  return { text: `Full about ${full.at}${between}`, soon: true };
}

/** A guest's name; of a storage that each node has for itself its node. */
export function placeOf({ resource, name, node }: UsageRow): string {
  if (name !== undefined) return ` ${name}`;
  return node !== undefined && resource.startsWith('storage/') ? ` on ${node}` : '';
}
