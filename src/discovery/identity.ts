const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/**
 * What tells a VM from another one that had its VMID: the smbios uuid and the vmgenid, as one text. Rollback and
 * restore renew the vmgenid, somebody may edit the uuid; only another VM has neither of the former two.
 */
export function lifeOf(config: { [key: string]: unknown }): string | null {
  const uuids = ['smbios1', 'vmgenid'].map(key => UUID.exec(String(config[key] ?? ''))?.[0].toLowerCase());
  return uuids.filter(uuid => uuid !== undefined).join(' ') || null;
}

/** Whether these two cannot be the same VM. What is not known of either says nothing. */
export function isOtherLife(known: string | null, seen: string | null): boolean {
  if (known === null || seen === null) return false;
  const former = new Set(known.split(' '));
  return !seen.split(' ').some(uuid => former.has(uuid));
}
