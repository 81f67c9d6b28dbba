import type { Store } from '../../model/store.ts';
import { parseTrail, TRAIL_NOTE, type TrailEntry } from '../../model/trail.ts';

/** Kept: it grows only when rights change or a node falls silent. */
const ENTRIES_AT_MOST = 100;

/** Notes what could be read of who did what, where that is not what it was. `entry.after` is the last commit before the run. */
export async function rememberTrail(store: Store, entry: TrailEntry): Promise<void> {
  const entries = parseTrail(await store.note(TRAIL_NOTE));
  const last = entries.at(-1);
  if (last !== undefined && sameView(last, entry)) return;
  await store.saveNote(TRAIL_NOTE, JSON.stringify([...entries, entry].slice(-ENTRIES_AT_MOST)));
}

function sameView(a: TrailEntry, b: TrailEntry): boolean {
  return a.log === b.log && a.tasks === b.tasks && a.unread.join() === b.unread.join();
}
