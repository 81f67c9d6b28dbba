import { UsageError } from '../../errors.ts';

/** Arguments that may differ from page to page of one list. */
const FREE: ReadonlySet<string> = new Set(['cursor', 'limit', 'detail', 'max_age_seconds']);
/** Most characters of arguments that a cursor may carry; with longer ones a list has to be narrowed. */
const CURSOR_AT_MOST = 4_000;

/** Where a list continues: fixed to one place in the sequence, so that every page shows the same moment. */
export interface Cursor {
  seq: number;
  offset: number;
  /** Further numbers that a list fixes: the start of an interval, a time (ms). */
  pins: number[];
}

/** A call's arguments by name. */
export type Arguments = { [argument: string]: unknown };

/** The opaque text of a cursor. It carries the call's arguments, so that a page can be requested by the cursor alone. */
export function encodeCursor(
  { seq, offset, pins = [] }: Omit<Cursor, 'pins'> & { pins?: number[] },
  input: Arguments,
): string {
  const { cursor: _, max_age_seconds: __, ...asked } = input;
  return Buffer.from(JSON.stringify([seq, offset, pins, asked])).toString('base64url');
}

/** @throws UsageError if this server did not issue the cursor. */
export function decodeCursor(text: string): Cursor {
  const { seq, offset, pins } = parse(text);
  return { seq, offset, pins };
}

/**
 * The arguments of the first page, overridden by those of this call. @throws UsageError if this server did not issue the cursor.
 */
export function resumeArguments(args: Arguments): Arguments {
  const { cursor } = args;
  if (typeof cursor !== 'string' || cursor === '') return args;
  const given = Object.entries(args).filter(([, value]) => value !== null && value !== '');
  return { ...parse(cursor).asked, ...Object.fromEntries(given) };
}

/** @throws UsageError if validated arguments ask for another list than the cursor's. */
export function checkResumed(input: Arguments): void {
  if (typeof input['cursor'] !== 'string') return;
  const { asked } = parse(input['cursor']);
  for (const name of new Set([...Object.keys(asked), ...Object.keys(input)])) {
    if (FREE.has(name) || JSON.stringify(asked[name]) === JSON.stringify(input[name])) continue;
    throw new UsageError(`That cursor belongs to a list with another ${name}.`, {
      hint: 'Pass the cursor alone to go on with that list, or leave it out to begin a new one.',
    });
  }
}

function parse(text: string): Cursor & { asked: Arguments } {
  try {
    if (text.length <= CURSOR_AT_MOST) {
      const [seq, offset, pins, asked] = JSON.parse(
        Buffer.from(text, 'base64url').toString('utf8'),
      ) as unknown[];
      const isObject = asked !== null && typeof asked === 'object' && !Array.isArray(asked);
      if (isCount(seq) && isCount(offset) && Array.isArray(pins) && pins.every(isCount) && isObject)
        return { seq, offset, pins, asked: asked as Arguments };
    }
  } catch {
    // Refused below.
  }
  throw new UsageError('That cursor is not one of ours.', {
    hint: 'Call again without cursor to start at the first page.',
  });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
