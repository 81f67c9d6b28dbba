import type { Facet } from '../model/facet.ts';

/** The form of a column's values: `time` is ISO 8601 text in UTC, `flag` 1 or 0. */
export type ColumnType = 'text' | 'integer' | 'real' | 'flag' | 'time';

/** A column: its type, and what it holds, with the unit. */
export interface SqlColumn {
  type: ColumnType;
  meaning: string;
  /** A facet that must also be fresh when this column is read. */
  facet?: Facet;
}

/** A view: what one row is, the facets that must be fresh, and the columns in order. */
export interface SqlView {
  about: string;
  /** Rows that a sum rarely means to include; the caution is given unless the statement names one of these columns. */
  beside?: { unless: readonly string[]; caution: string };
  facets: readonly Facet[];
  columns: Readonly<Record<string, SqlColumn>>;
}

const of =
  (type: ColumnType) =>
  (meaning: string, facet?: Facet): SqlColumn => ({ type, meaning, ...(facet && { facet }) });
/** Makes a column of text. */
export const text = of('text');
/** Makes a column of whole numbers. */
export const integer = of('integer');
/** Makes a column of numbers. */
export const real = of('real');
/** Makes a column of 1 and 0. */
export const flag = of('flag');
/** Makes a column of ISO 8601 times in UTC. */
export const time = of('time');

/** The guest that a row belongs to. */
export const resource = text('vm/101 or container/200.');
/** NULL for what can be seen now. */
export const unseenReason = text('Why it cannot be seen now; NULL if it can.');
/** The last look that saw it. */
export const seenAt = time('When it was last seen.');
