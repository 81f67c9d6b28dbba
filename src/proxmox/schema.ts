import type * as z from 'zod';
import { joinDoubled } from './doubled.ts';
import { Fault, limitDepth, readerOf } from './read-value.ts';
import { markShort } from './unread.ts';

export * from './values.ts';

/*
 * Proxmox answers are read leniently: undeclared fields are kept, and whatever may be missing in some version or for some
 * token is optional. Only fields that are used are declared, so that no other field can make an answer invalid.
 */

/** Rows of a list that are read, unless its endpoint says otherwise: ten times the largest cluster. */
const ROWS_AT_MOST = 100_000;

/** Reads the `data` of an answer into `T`; `onDropped` is called for every part that had to be left out. */
export interface AnswerSchema<T> {
  /** Whether `read` also accepts an answer without any data. */
  readonly mayBeNothing?: boolean;
  read(data: unknown, onDropped: (dropped: Dropped) => void): T;
  /** The declared type of one row, or of the whole answer where it is no list. */
  readonly of: z.ZodType;
  readonly isList: boolean;
}

/** A row or field that was left out, and why. `row` is the row's own name, if it has one. */
export interface Dropped {
  what: 'row' | 'field';
  row: string | undefined;
  reason: string;
}

/** An answer as a whole does not have the declared shape; the client turns this into a ProxmoxError. */
export class AnswerShapeError extends Error {}

/**
 * An answer that is one object. A field of the wrong type is left out and reported. Reading it @throws AnswerShapeError if a
 * required one is missing.
 */
export function one<T>(schema: z.ZodType<T>): AnswerSchema<T> {
  const read = readerOf(schema);
  return {
    of: schema,
    isList: false,
    read(data, onDropped) {
      const report = ({ reason }: Fault) => onDropped({ what: 'field', row: nameOf(data), reason });
      limitDepth(data, report);
      const found = read(data, report);
      if (found instanceof Fault) throw new AnswerShapeError(textOf(found));
      return found as T;
    },
  };
}

/**
 * An answer that is a list. A bad field costs only that field and a bad row only that row; both are reported, and readers can ask
 * `isWhole` and `fieldOf`. Only the first `atMost` rows are read. Rows with the same `about` are merged, without the fields they
 * disagree on. Reading it
 * @throws AnswerShapeError when no row is usable: an empty list would read as "everything is gone"
 */
export function rows<T>(
  schema: z.ZodType<T>,
  { atMost = ROWS_AT_MOST, about }: { atMost?: number; about?: (row: T) => string | undefined } = {},
): AnswerSchema<T[]> {
  const read = readerOf(schema);
  return {
    of: schema,
    isList: true,
    read(data, onDropped) {
      if (!Array.isArray(data)) throw new AnswerShapeError(`expected a list, got ${typeof data}`);
      const kept: T[] = [];
      let row: unknown;
      const report = ({ reason }: Fault) => onDropped({ what: 'field', row: nameOf(row), reason });
      let fault: Fault | undefined;
      const end = Math.min(data.length, atMost);
      for (let at = 0; at < end; at++) {
        row = data[at];
        limitDepth(row, report);
        const found = read(row, report);
        if (found instanceof Fault) {
          fault = found;
          onDropped({ what: 'row', row: nameOf(row), reason: textOf(found) });
        } else kept.push(found as T);
      }
      if (end < data.length)
        onDropped({
          what: 'row',
          row: undefined,
          reason: `only the first ${end} of ${data.length} rows were read`,
        });
      if (kept.length === 0 && fault !== undefined)
        throw new AnswerShapeError(`no usable row: ${textOf(fault)}`);
      const joined =
        about === undefined
          ? kept
          : joinDoubled(kept, about, (doubled, reason) =>
              onDropped({ what: 'field', row: nameOf(doubled), reason }),
            );
      if (kept.length < data.length) markShort(joined, end < data.length ? 'cut' : 'short');
      return joined;
    },
  };
}

/** The same list, which may also be empty as `null`, `{}` or nothing at all, as for the interfaces of a guest that is off. */
export function mayBeEmpty<T>(list: AnswerSchema<T[]>): AnswerSchema<T[]> {
  return {
    ...list,
    mayBeNothing: true,
    read: (data, onDropped) => (isNothing(data) ? [] : list.read(data, onDropped)),
  };
}

/**
 * The same list, where `null`, `{}` or nothing at all is accepted but not taken as empty: old versions may mean "none", but it
 * does not say that any row is gone, so the list is not whole.
 */
export function mayBeMissing<T>(list: AnswerSchema<T[]>): AnswerSchema<T[]> {
  return {
    ...list,
    mayBeNothing: true,
    read(data, onDropped) {
      if (!isNothing(data)) return list.read(data, onDropped);
      onDropped({
        what: 'row',
        row: undefined,
        reason: `expected a list, got ${JSON.stringify(data) ?? 'nothing'}`,
      });
      const none: T[] = [];
      markShort(none, 'short');
      return none;
    },
  };
}

/** An answer inside an object that holds it under one of these names, nested or not: the agent's `{result: [...]}`. */
export function wrapped<T>(names: readonly string[], inner: AnswerSchema<T>): AnswerSchema<T> {
  return {
    ...inner,
    read(data, onDropped) {
      let within = data;
      while (typeof within === 'object' && within !== null && !Array.isArray(within)) {
        const name = names.find(one => one in (within as object));
        if (name === undefined) break;
        within = (within as Record<string, unknown>)[name];
      }
      return inner.read(within, onDropped);
    },
  };
}

function isNothing(data: unknown): boolean {
  return (
    data === undefined ||
    data === null ||
    (typeof data === 'object' && !Array.isArray(data) && Object.keys(data!).length === 0)
  );
}

function textOf({ reason }: Fault): string {
  return reason.replace(/^: /, '');
}

const NAMES = ['id', 'upid', 'volid', 'vmid', 'storage', 'sid', 'poolid', 'key', 'node', 'name', 'filename'];

/** What a row calls itself, so that a reader of the list knows which resource was not seen. */
function nameOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  for (const field of NAMES) {
    const value = (row as Record<string, unknown>)[field];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number')
      return String(value).slice(0, 200);
  }
  return undefined;
}
