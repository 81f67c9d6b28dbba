/**
 * A place in the sequence as it leaves the store: with the line of the store it belongs to, and when its commit was written (ms).
 * A store restored from a backup reuses numbers that somebody may hold for other commits; so does a file that was copied back by
 * hand, and there only the time differs.
 */
export interface Place {
  seq: number;
  line: string;
  at: number;
}

const TEXT = /^([0-9a-z]{1,10})~([0-9a-z]{1,16})~([0-9a-z]{1,10})$/;

/** A place as opaque text of ASCII letters, digits and `~`. */
export function formatPlace({ seq, line, at }: Place): string {
  return `${seq.toString(36)}~${line}~${at.toString(36)}`;
}

/** Reads a place; null for any other text. */
export function parsePlace(text: string): Place | null {
  const [, seq, line, at] = TEXT.exec(text) ?? [];
  return line === undefined ? null : { seq: Number.parseInt(seq!, 36), line, at: Number.parseInt(at!, 36) };
}
