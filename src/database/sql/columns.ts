import { LONGEST } from '../../model/limits.ts';

/** How a value is kept: `time` is milliseconds since 1970, `bytes` a count that may pass 2^31, `json` any JSON value, `small json` one that is read with
 * the scalars, from a column of text. */
export type ColumnKind = 'text' | 'int' | 'real' | 'bool' | 'time' | 'bytes' | 'json' | 'small json';

/** One column: its kind and the rules a value must keep before it is written. */
export interface Column {
  kind: ColumnKind;
  nullable: boolean;
  /** The model's field where it is called otherwise than the entity's. Its snake_case is the column's name. */
  field?: string;
  /** The only values allowed. */
  oneOf?: readonly string[];
  /** The longest text allowed, in UTF-16 units; for `json` the length of its text. */
  maxLength: number;
  /** The smallest number allowed. */
  min: number;
  /** Written by the database: never part of an insert. */
  generated?: boolean;
  /** JSON's own `null` is a value of it. */
  orJsonNull?: boolean;
}

type Rules = Partial<Omit<Column, 'kind' | 'nullable'>>;
const column =
  (kind: ColumnKind, defaults: Rules) =>
  (rules: Rules = {}): Column => ({ kind, nullable: false, maxLength: 0, min: 0, ...defaults, ...rules });

/** Text, of at most 10,000 UTF-16 units by default. */
export const text = column('text', { maxLength: LONGEST.text });
/** A whole number from 0 to 2^31 - 1, which both engines' integers hold. */
export const int = column('int', {});
/** A finite number, not below 0 by default. */
export const real = column('real', {});
/** True or false; SQLite keeps 1 and 0. */
export const bool = column('bool', {});
/** A moment in milliseconds since 1970, up to the year 9999. */
export const time = column('time', {});
/** A whole number from 0 to 2^53 - 1, beyond which JavaScript could not tell neighbours apart. */
export const bytes = column('bytes', {});
/** Any JSON value, of at most 4,000,000 characters by default. */
export const json = column('json', { maxLength: 4_000_000 });

/** A JSON value of at most 20,000 characters, mostly absent: read beside the scalars it costs nothing where it is. */
export const smallJson = column('small json', { maxLength: 2 * LONGEST.text });

/** The same column where an absent fact is null. */
export function nullable(of: Column): Column {
  return { ...of, nullable: true };
}

/** A column for each field of an entity. */
export type ColumnsOf<E> = { readonly [K in keyof E]-?: Column };

/** Names of the client's model delegates. */
export type ModelName =
  | 'cluster'
  | 'node'
  | 'vm'
  | 'container'
  | 'guestConfig'
  | 'storage'
  | 'nodeStorage'
  | 'detail'
  | 'task'
  | 'logLine'
  | 'stateSnapshot'
  | 'discoveryRun'
  | 'commit'
  | 'declarationRevision'
  | 'plan'
  | 'operation'
  | 'planEvent'
  | 'note';

/** Columns an entity does not carry: computed from it whenever it is written. */
export interface Computed<E> {
  column: Column;
  /** `now`: the moment of writing by the store's clock (ms). */
  from(entity: E, now: number): unknown;
  /** The field it is computed from: an update that leaves this alone leaves the column alone. Absent: always written. */
  uses?: keyof E & string;
  /** Written with a new row only. */
  insertOnly?: boolean;
}

/** How one entity lies in one table. */
export interface TableSpec<E> {
  model: ModelName;
  name: string;
  key: readonly (keyof E & string)[];
  columns: ColumnsOf<E>;
  computed?: { readonly [field: string]: Computed<E> };
  /** Fields every row of this table has with one value, and no column for it. */
  constants?: Partial<E>;
}

/** A column with its three names: the entity's, the model's and the database's. */
export interface TableColumn<E> extends Column {
  key: (keyof E & string) | null;
  field: string;
  db: string;
  from(entity: E, now: number): unknown;
  uses: (keyof E & string) | null;
  insertOnly: boolean;
}

/** A table as the repositories use it. */
export interface Table<E> {
  model: ModelName;
  name: string;
  constants: Partial<E>;
  key: TableColumn<E>[];
  /** The entity's own columns, in the order rows are read. */
  columns: TableColumn<E>[];
  /** Those and the computed ones, without generated ones: what is written. */
  written: TableColumn<E>[];
}

const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

/** Works out names and lists of a table once. */
export function defineTable<E extends object>(spec: TableSpec<E>): Table<E> {
  const own = (Object.keys(spec.columns) as (keyof E & string)[])
    .filter(key => !(spec.constants && key in spec.constants))
    .map((key): TableColumn<E> => {
      const of = spec.columns[key];
      const field = of.field ?? key;
      return {
        ...of,
        key,
        field,
        db: snake(field),
        from: entity => entity[key],
        uses: key,
        insertOnly: false,
      };
    });
  const computed = Object.entries(spec.computed ?? {}).map(
    ([field, { column: of, from, uses, insertOnly }]): TableColumn<E> => ({
      ...of,
      key: null,
      field,
      db: snake(field),
      from,
      uses: uses ?? null,
      insertOnly: insertOnly ?? false,
    }),
  );
  return {
    model: spec.model,
    name: spec.name,
    constants: spec.constants ?? {},
    key: spec.key.map(key => own.find(candidate => candidate.key === key)!),
    columns: own,
    written: [...own, ...computed].filter(candidate => !candidate.generated),
  };
}
