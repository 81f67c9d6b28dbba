import type { UsageRow } from '../facts.ts';

/** A value with its unit. */
export function figure(value: number | undefined, unit: string): string {
  return value === undefined
    ? '–'
    : `${String(value).replace(/\B(?=(?:\d{3})+(?:\.|$))(?<!\.\d*)/g, ',')} ${unit}`;
}

/** When it will be full, in words; `soon` if a day can be given. Null if it is not filling up. */
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

/** A guest's name, or the node of a storage that every node has its own of. */
export function placeOf({ resource, name, node }: UsageRow): string {
  if (name !== undefined) return ` ${name}`;
  return node !== undefined && resource.startsWith('storage/') ? ` on ${node}` : '';
}
