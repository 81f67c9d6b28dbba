import { UsageError } from '../../errors.ts';
import { formatPlace, type Place, parsePlace } from '../../history/place.ts';
import { checkPlace, newestPlace } from '../../history/store-life.ts';
import type { ToolContext } from './tool.ts';

/*
 * The numbers in a cursor mean something in one life of one store only. A cursor is issued with the place of its issue in
 * front, which is checked when it comes back; tools know nothing about this.
 */

const STAMP = /^([0-9a-z]+~[0-9a-z]+~[0-9a-z]+)!/;

/** The same facts with their cursor stamped. */
export async function stamped<F extends object>(facts: F, { store }: Pick<ToolContext, 'store'>): Promise<F> {
  const { next_cursor: cursor } = facts as { next_cursor?: string };
  if (cursor === undefined) return facts;
  return { ...facts, next_cursor: `${formatPlace(await newestPlace(store))}!${cursor}` };
}

/** A call's arguments with the bare cursor, and the place in its stamp; null without a stamp. */
export function unstamped(args: unknown): { args: unknown; place: Place | null } {
  const { cursor } = args as { cursor?: unknown };
  const stamp = typeof cursor === 'string' ? STAMP.exec(cursor) : null;
  if (stamp === null) return { args, place: null };
  return {
    args: { ...(args as object), cursor: stamp.input.slice(stamp[0].length) },
    place: parsePlace(stamp[1]!),
  };
}

/** @throws UsageError if the cursor was issued in another life of the store, such as before a restore. */
export async function checkCursor({ store, timeZone }: ToolContext, place: Place | null): Promise<void> {
  const hint = 'Call again without cursor to start at the first page.';
  if (place === null) throw new UsageError('That cursor is not one of ours.', { hint });
  try {
    await checkPlace(store, place, timeZone);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace('That token', 'That cursor'), { hint });
  }
}
