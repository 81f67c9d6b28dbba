import { type Bound, bindConditions, findField, refuseNow } from './bind.ts';
import type { Clock } from './compare.ts';
import type { FieldBook, Named } from './field.ts';
import { parseConditions } from './grammar.ts';

/** A column or a key of groups: what it is called, and what it stands for. */
export interface Column<F> {
  name: string;
  named: Named<F>;
}

/** What a list is asked for beyond its own filters. */
export interface Question<F> {
  where: readonly Bound<F>[];
  show: readonly Column<F>[];
  /** Null where rows are asked for. */
  group: readonly Column<F>[] | null;
  /** What facts must hold besides their rows. */
  needs: ReadonlySet<string>;
}

/** The arguments of it. */
export interface QuestionInput {
  where?: string[] | undefined;
  show?: string[] | undefined;
  group?: string[] | undefined;
}

/**
 * Reads what a list is asked for. `past`: as it was at the moment of `clock`.
 * @throws UsageError for what is no condition or no field, with near ones and an example.
 */
export function readQuestion<F>(
  { where = [], show = [], group = [] }: QuestionInput,
  book: FieldBook<F>,
  clock: Clock,
  past: boolean,
): Question<F> {
  const bound = bindConditions(parseConditions(where.join(',')), book, clock, { past });
  const column = (name: string): Column<F> => {
    const named = findField(book, name.trim());
    refuseNow(named, name, past);
    return { name: name.trim(), named };
  };
  const shown = show.map(column);
  const keys = group.map(column);
  const needs = [
    ...bound.map(one => one.needs),
    ...[...shown, ...keys].map(({ named }) => (named.kind === 'field' ? named.field : named.element).needs),
  ];
  return {
    where: bound,
    show: shown,
    group: keys.length === 0 ? null : keys,
    needs: new Set(needs.filter(one => one !== undefined)),
  };
}
