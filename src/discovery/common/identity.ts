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
