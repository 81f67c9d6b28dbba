import { randomBytes } from 'node:crypto';
import { listOf, parseNote } from '../../model/note.ts';
import type { StoreLine } from '../../model/store.ts';

/** The note with the store's lines. No client's note has this name. */
export const LINES_NOTE = 'store: lines of its life';

/** How far the runs of a new line are numbered beyond those before it, so that no number names two runs. */
export const RUNS_APART = 1_000_000;

/** The lines in a note's text, oldest first; none where it is anything else. */
export function parseLines(text: string | null): StoreLine[] {
  return parseNote(text, listOf(isLine)) ?? [];
}

/** The note's text with another line, begun after commit `from`. */
export function withNewLine(text: string | null, from: number): string {
  return JSON.stringify([...parseLines(text).slice(-LINES_AT_MOST), { id: newId(), from }]);
}

/** Beyond this the oldest lines are forgotten, and their tokens refused. */
const LINES_AT_MOST = 1_000;

function newId(): string {
  return BigInt(`0x${randomBytes(6).toString('hex')}`).toString(36);
}

function isLine(value: unknown): value is StoreLine {
  const { id, from } = (value ?? {}) as { id?: unknown; from?: unknown };
  return typeof id === 'string' && /^[0-9a-z]{1,16}$/.test(id) && Number.isSafeInteger(from);
}
