import type { Store } from '../../model/store.ts';
import { parseTrail, TRAIL_NOTE, type TrailEntry } from '../../model/trail.ts';

/** Entries kept: one is added only when rights change or a node falls silent. */
const ENTRIES_AT_MOST = 100;

/** Records which evidence of who did what could be read, where that changed. `entry.after` is the last commit before the run. */
export async function rememberTrail(store: Store, entry: TrailEntry): Promise<void> {
  const entries = parseTrail(await store.note(TRAIL_NOTE));
  const last = entries.at(-1);
  if (last !== undefined && sameView(last, entry)) return;
  await store.saveNote(TRAIL_NOTE, JSON.stringify([...entries, entry].slice(-ENTRIES_AT_MOST)));
}

function sameView(a: TrailEntry, b: TrailEntry): boolean {
  return a.log === b.log && a.tasks === b.tasks && a.unread.join() === b.unread.join();
}
