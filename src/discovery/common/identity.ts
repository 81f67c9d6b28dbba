import type { JsonObject } from '../../model/state.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const CTIME = /ctime=\d{1,15}(?!\d)/;

/**
 * The identity of a VM as one text: smbios uuid, vmgenid and creation time; null where it has none of them. Rollback and restore
 * renew the vmgenid, and people edit the uuid, but only a different VM shares none of the three.
 */
export function lifeOf(config: { [key: string]: unknown }): string | null {
  const part = (key: string, pattern: RegExp) => pattern.exec(String(config[key] ?? ''))?.[0].toLowerCase();
  const parts = [part('smbios1', UUID), part('vmgenid', UUID), part('meta', CTIME)];
  return parts.filter(one => one !== undefined).join(' ') || null;
}

/**
 * Whether the two identities cannot belong to the same VM; false where either is unknown. After a destruction (`destroyed`) only
 * a complete match proves the same VM: a clone carries the creation time of its template, and a restore keeps that and the uuid.
 */
export function isOtherLife(known: string | null, seen: string | null, destroyed = false): boolean {
  if (known === null || seen === null) return false;
  const former = new Set(known.split(' '));
  const parts = seen.split(' ');
  return destroyed ? !parts.every(part => former.has(part)) : !parts.some(part => former.has(part));
}

/** The MAC addresses of a container's network cards, from its normalised configuration. */
export function cardsOf(config: JsonObject): string[] {
  return Object.entries(config).flatMap(([key, card]) => {
    const isCard = /^net\d+$/.test(key) && typeof card === 'object' && card !== null && !Array.isArray(card);
    return isCard && typeof card['hwaddr'] === 'string' ? [card['hwaddr'].toUpperCase()] : [];
  });
}

/** Whether two configurations of a container share a network card: PVE gives each new card its own address. */
export function sharesCard(a: JsonObject, b: JsonObject): boolean {
  const cards = new Set(cardsOf(a));
  return cardsOf(b).some(card => cards.has(card));
}
