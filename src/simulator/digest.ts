import { createHash } from 'node:crypto';
import type { Guest } from './types.ts';

/** A SHA-1 in hex over a value, like PVE's `digest` of a config file: it differs whenever anything in it changed. */
export function digestOf(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('hex');
}

/** The digest of a guest's whole config file, including the pending section and snapshots. */
export function guestDigest({ config, pending, snapshots, lock }: Guest): string {
  const taken = snapshots.map(({ config: kept, ...facts }) => [sorted(facts), sorted(kept)]);
  return digestOf([sorted(config), sorted(Object.fromEntries(pending)), taken, lock]);
}

function sorted(values: object): [string, unknown][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
