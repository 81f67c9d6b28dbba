import { createHash } from 'node:crypto';

/** A SHA-1 in hex over a value, as PVE's `digest` over a config file: another whenever anything in it changed. */
export function digestOf(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('hex');
}
