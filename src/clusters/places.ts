import { UsageError } from '../errors.ts';
import type { Arguments } from '../mcp/define/cursor.ts';
import { isObject } from '../model/state.ts';

/*
 * What a caller passes back to continue: places in all stores. A cursor contains those in each cluster's list and the call's
 * arguments; a `next_from` token a moment in each store.
 */

/** Where each list continues: its own cursor, '' if it has not begun, null if it has ended. */
export type Places = { [cluster: string]: string | null };

/** The content of a cursor for several clusters. */
export interface Resumed {
  args: Arguments;
  places: Places;
}

const CURSOR = /^each\.([\w-]+)$/;
const TOKEN = /^[a-z][a-z0-9-]*=[0-9a-z~]+(?:;[a-z][a-z0-9-]*=[0-9a-z~]+)*$/;
/** Arguments that may differ from page to page. */
const FREE = ['cursor', 'limit', 'detail', 'max_age_seconds'];

/** One cursor for all of these; undefined if every list has ended. */
export function joinCursors(args: Arguments, places: Places): string | undefined {
  if (Object.values(places).every(one => one === null)) return undefined;
  const asked = Object.fromEntries(Object.entries(args).filter(([name]) => !FREE.includes(name)));
  return `each.${Buffer.from(JSON.stringify([asked, places])).toString('base64url')}`;
}

/** The content of one of our cursors; null for any other text. @throws UsageError for one that was cut or made up */
export function splitCursor(text: unknown): Resumed | null {
  const packed = typeof text === 'string' ? CURSOR.exec(text)?.[1] : undefined;
  if (packed === undefined) return null;
  try {
    const [args, places] = JSON.parse(Buffer.from(packed, 'base64url').toString('utf8')) as unknown[];
    if (isObject(args) && isObject(places) && Object.values(places).every(isPlace))
      return { args, places: places as Places };
  } catch {
    // Refused below.
  }
  throw new UsageError('That cursor is not one of ours.', {
    hint: 'Call again without cursor to start at the first page.',
  });
}

/** `home=2.c5.x;lab=2.7f.y`: a moment in each store. */
export function joinTokens(moments: { [cluster: string]: string }): string {
  return Object.entries(moments)
    .map(([cluster, token]) => `${cluster}=${token}`)
    .join(';');
}

/** The moments in a token of several clusters; null for any other text. */
export function splitToken(text: unknown): { [cluster: string]: string } | null {
  if (typeof text !== 'string' || !TOKEN.test(text)) return null;
  return Object.fromEntries(text.split(';').map(part => part.split('=') as [string, string]));
}

function isPlace(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
