import type { JsonObject } from '../../model/state.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const CTIME = /ctime=\d{1,15}(?!\d)/;

/**
 * What tells a VM from another one that had its VMID, as one text: smbios uuid, vmgenid and time of creation. Rollback
 * and restore renew the vmgenid, somebody may edit the uuid; only another VM has none of the former three.
 */
export function lifeOf(config: { [key: string]: unknown }): string | null {
  const part = (key: string, pattern: RegExp) => pattern.exec(String(config[key] ?? ''))?.[0].toLowerCase();
  const parts = [part('smbios1', UUID), part('vmgenid', UUID), part('meta', CTIME)];
  return parts.filter(one => one !== undefined).join(' ') || null;
}

/**
 * Whether these two cannot be the same VM. What is not known of either says nothing. After a destruction (`destroyed`) only
 * all of it proves the same one: a clone bears the time of creation of its template, and a restore keeps that and the uuid.
 */
export function isOtherLife(known: string | null, seen: string | null, destroyed = false): boolean {
  if (known === null || seen === null) return false;
  const former = new Set(known.split(' '));
  const parts = seen.split(' ');
  return destroyed ? !parts.every(part => former.has(part)) : !parts.some(part => former.has(part));
}

/** The hardware addresses of a container's network cards, as its normalised configuration has them. */
export function cardsOf(config: JsonObject): string[] {
  return Object.entries(config).flatMap(([key, card]) => {
    const isCard = /^net\d+$/.test(key) && typeof card === 'object' && card !== null && !Array.isArray(card);
    return isCard && typeof card['hwaddr'] === 'string' ? [card['hwaddr'].toUpperCase()] : [];
  });
}

/** Whether two configurations of a container have a network card in common: PVE gives each new one an address of its own. */
export function sharesCard(a: JsonObject, b: JsonObject): boolean {
  const cards = new Set(cardsOf(a));
  return cardsOf(b).some(card => cards.has(card));
}
