import { type Bound, bindConditions, findField, refuseNow } from './bind.ts';
import type { Clock } from './compare.ts';
import { type FieldBook, keysOfParts, type Named } from './field.ts';
import { parseConditions } from './grammar.ts';

/** A column or a key of groups: its name, and what that stands for. */
export interface Column<F> {
  name: string;
  named: Named<F>;
}

/** What a list is asked for beyond its own filters. */
export interface Question<F> {
  where: readonly Bound<F>[];
  show: readonly Column<F>[];
  /** Null if rows are asked for. */
  group: readonly Column<F>[] | null;
  /** The parts of facts to read besides their rows. */
  needs: ReadonlySet<string>;
  /** The parts needed to choose and group facts; columns are read only for one page. */
  choosing: { needs: ReadonlySet<string>; keys: readonly string[] | undefined };
}

/** The arguments for it. */
export interface QuestionInput {
  where?: string[] | undefined;
  show?: string[] | undefined;
  group?: string[] | undefined;
}

/**
 * Reads what a list is asked for. `past`: as it was at the moment of `clock`.
 * @throws UsageError for invalid conditions and fields, with near misses and an example
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
  const choosing = [...bound, ...sourcesOf(keys)];
  return {
    where: bound,
    show: shown,
    group: keys.length === 0 ? null : keys,
    needs: partsOf([...choosing, ...sourcesOf(shown)]),
    choosing: { needs: partsOf(choosing), keys: keysOf(choosing) },
  };
}

type Source = { needs?: string | undefined; keys?: readonly string[] | undefined };

function partsOf(sources: readonly Source[]): ReadonlySet<string> {
  return new Set(sources.flatMap(({ needs }) => needs ?? []));
}

/** What columns are read from. */
function sourcesOf<F>(columns: readonly Column<F>[]): Source[] {
  return columns.map(({ named }) => {
    if (named.kind === 'field') return named.field;
    const { element, part } = named;
    const read = part ?? element.part(element.defaultPart);
    return { needs: element.needs, keys: keysOfParts(element, read ? [read] : []) };
  });
}

/** All configuration keys that these read; undefined if one reads more than certain keys. */
function keysOf(sources: readonly Source[]): readonly string[] | undefined {
  const reading = sources.filter(({ needs }) => needs === 'config');
  return reading.some(({ keys }) => keys === undefined)
    ? undefined
    : [...new Set(reading.flatMap(({ keys = [] }) => keys))];
}
