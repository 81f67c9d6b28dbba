import { type Arguments, decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import type { Row } from '../../mcp/define/output.ts';
import { compare } from '../format/compare.ts';
import { DEFAULT_LIMIT, fitPage } from '../format/page.ts';
import { meetsAll } from './bind.ts';
import { columnsOf } from './columns.ts';
import type { FieldBook } from './field.ts';
import { groupFacts } from './groups.ts';
import { whyNone } from './none.ts';
import type { Question } from './question.ts';

/** The arguments of a short list. */
export interface ShortListInput extends Arguments {
  at?: string | undefined;
  sort?: string | undefined;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

type Sorted = ShortListInput & { sort: string };

/** How facts of a kind become a list. */
export interface ListKind<F> {
  book: FieldBook<F>;
  row: (fact: F) => Row;
  /** The columns of a group besides its keys. */
  sums: (facts: readonly F[]) => Row;
  isUnseen: (fact: F) => boolean;
  /** The tie-breaker of a sort. */
  name: (fact: F) => string;
}

/** One page of rows or groups of a list that is read completely. */
export interface ShortList {
  rows: Row[];
  total: number;
  next_cursor?: string;
  unseen_total?: number;
  /** How many facts could not be judged, and why none matches. */
  notes: string[];
}

/** Chooses, sorts by the field `input.sort`, and pages facts; unknown values come last. */
export function shortList<F>(
  facts: readonly F[],
  input: Sorted,
  question: Question<F>,
  { kind, seq, at, timeZone }: { kind: ListKind<F>; seq: number; at: number; timeZone: string },
): ShortList {
  const verdicts = facts.map(fact => meetsAll(question.where, fact));
  const matching = facts.filter((_, index) => verdicts[index] === true);
  const open = facts.filter((_, index) => verdicts[index] === undefined);
  const notes: string[] =
    open.length === 0
      ? []
      : [
          `${open.length} more not judged, since what is asked of them is not known now (${open.slice(0, 5).map(kind.name).join(', ')}).`,
        ];
  if (matching.length === 0) notes.push(...whyNone(question.where, facts, kind.book, timeZone));
  const offset = input.cursor === undefined ? 0 : decodeCursor(input.cursor).offset;
  const limit = input.limit ?? DEFAULT_LIMIT;
  const all =
    question.group === null
      ? sorted(matching, input, kind)
      : groupFacts(matching, question.group, timeZone, kind.sums).rows;
  const shown =
    question.group === null
      ? (all as F[]).slice(offset, offset + limit).map(fact => ({
          ...kind.row(fact),
          ...columnsOf(question.show, fact, timeZone),
        }))
      : (all as Row[]).slice(offset);
  const page = fitPage(shown, { offset, total: all.length, limit });
  const unseen = matching.filter(kind.isUnseen).length;
  return {
    rows: page.rows,
    total: all.length,
    ...(unseen > 0 && { unseen_total: unseen }),
    ...(page.nextOffset !== null && {
      next_cursor: encodeCursor({ seq, offset: page.nextOffset, pins: [at] }, input),
    }),
    notes,
  };
}

function sorted<F>(facts: readonly F[], { sort, order }: Sorted, { book, name }: ListKind<F>): F[] {
  const direction = order === 'desc' ? -1 : 1;
  const named = book.find(sort);
  const read = (fact: F) => (named?.kind === 'field' ? (named.field.read(fact) ?? null) : null);
  return facts.toSorted((a, b) => compare(read(a), read(b), direction) || compare(name(a), name(b)));
}
