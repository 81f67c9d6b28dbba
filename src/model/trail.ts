import { listOf, parseNote } from './note.ts';
import { isObject } from './state.ts';

/** The note with the readable evidence of who did what: `TrailEntry` rows as JSON, oldest first. */
export const TRAIL_NOTE = 'trail';

/** Which evidence of who did what could be read, from a place in the sequence on. */
export interface TrailEntry {
  /** The entry applies to versions after this `seq`. */
  after: number;
  /**
   * The cluster's log: everybody's lines, only the token's own (without Sys.Syslog), none, or with a gap because older lines had
   * been dropped before anybody looked.
   */
  log: 'all' | 'own' | 'unread' | 'gap';
  /** The task lists: everybody's, or only those of the token's user (without Sys.Audit). */
  tasks: 'all' | 'own';
  /** Nodes whose task list could not be read, sorted. */
  unread: string[];
}

/** The entry that applies to a version; null where none was recorded by then. */
export function trailAt(entries: readonly TrailEntry[], seq: number): TrailEntry | null {
  return entries.findLast(entry => entry.after < seq) ?? null;
}

/** Reads the note; an empty list where there is none or it cannot be read. */
export function parseTrail(note: string | null): TrailEntry[] {
  return parseNote(note, listOf(isEntry)) ?? [];
}

function isEntry(value: unknown): value is TrailEntry {
  if (!isObject(value)) return false;
  const { after, log, tasks, unread } = value;
  return (
    typeof after === 'number' && [log, tasks].every(isText) && Array.isArray(unread) && unread.every(isText)
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
