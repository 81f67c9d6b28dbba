/** The note that holds, as JSON, what could be read of who did what: `TrailEntry` rows, oldest first. */
export const TRAIL_NOTE = 'trail';

/** What could be read of who did what, from a place in the sequence on. */
export interface TrailEntry {
  /** It holds for versions after this `seq`. */
  after: number;
  /**
   * The cluster's log: of everybody, only the token's own lines (without Sys.Syslog), not at all, or with a gap, since
   * older lines had been dropped before anybody looked.
   */
  log: 'all' | 'own' | 'unread' | 'gap';
  /** The task lists: of everybody, or only the user's own (without Sys.Audit). */
  tasks: 'all' | 'own';
  /** Nodes whose task list could not be read, sorted. */
  unread: string[];
}

/** The entry that holds for a version, null where nothing was noted by then. Text that is no such list counts as an empty one. */
export function trailAt(entries: readonly TrailEntry[], seq: number): TrailEntry | null {
  return entries.findLast(entry => entry.after < seq) ?? null;
}

/** Reads the note; an empty list where there is none or it cannot be read. */
export function parseTrail(note: string | null): TrailEntry[] {
  try {
    const entries: unknown = JSON.parse(note ?? '[]');
    return Array.isArray(entries) ? entries : [];
  } catch {
    return [];
  }
}
