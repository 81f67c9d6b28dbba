import { LONGEST, LONGEST_JSON } from '../../model/limits.ts';

/**
 * How a value is stored: `time` is milliseconds since 1970, `bytes` a count that may exceed 2^31, `json` any JSON value, `small
 * json` one in a text column that is read together with the scalars.
 */
export type ColumnKind = 'text' | 'int' | 'real' | 'bool' | 'time' | 'bytes' | 'json' | 'small json';

/** A column: its kind, and the rules that a value must meet before it is written. */
export interface Column {
  kind: ColumnKind;
  nullable: boolean;
  /** The model's field where its name differs from the entity's. Its snake_case is the column's name. */
  field?: string;
  /** The allowed values. */
  oneOf?: readonly string[];
  /** The longest text allowed, in UTF-16 units; for `json`, of the JSON text. */
  maxLength: number;
  /** The smallest number allowed. */
  min: number;
  /** Set by the database: never part of an insert. */
  generated?: boolean;
  /** JSON `null` is an allowed value. */
  orJsonNull?: boolean;
}

type Rules = Partial<Omit<Column, 'kind' | 'nullable'>>;
const column =
  (kind: ColumnKind, defaults: Rules) =>
  (rules: Rules = {}): Column => ({ kind, nullable: false, maxLength: 0, min: 0, ...defaults, ...rules });

/** Text, of at most 10,000 UTF-16 units by default. */
export const text = column('text', { maxLength: LONGEST.text });
/** A whole number from 0 to 2^31 - 1, the range of both engines' integers. */
export const int = column('int', {});
/** A finite number, by default not below 0. */
export const real = column('real', {});
/** True or false; stored as 1 and 0 in SQLite. */
export const bool = column('bool', {});
/** A moment in milliseconds since 1970, up to the year 9999. */
export const time = column('time', {});
/** A whole number from 0 to 2^53 - 1, the largest that JavaScript represents exactly. */
export const bytes = column('bytes', {});
/** Any JSON value, of at most `LONGEST_JSON` characters by default. */
export const json = column('json', { maxLength: LONGEST_JSON });

/** A reason, as JSON of at most 20,000 characters. It is mostly absent: read with the scalars, it then costs nothing. */
export const smallJson = column('small json', { maxLength: 2 * LONGEST.text });

/** The same column with null for an absent fact. */
export function nullable(of: Column): Column {
  return { ...of, nullable: true };
}

/** A column for each field of an entity. */
export type ColumnsOf<E> = { readonly [K in keyof E]-?: Column };

/** Names of the client's models. */
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

/** A column that the entity does not carry: computed from it whenever it is written. */
export interface Computed<E> {
  column: Column;
  /** `now`: the moment of writing by the store's clock (ms). */
  from(entity: E, now: number): unknown;
  /**
   * The field it is computed from: an update without this field leaves the column alone. If absent, the column is always written.
   */
  uses?: keyof E & string;
  /** Only written with a new row. */
  insertOnly?: boolean;
}

/** How an entity maps to a table. */
export interface TableSpec<E> {
  model: ModelName;
  name: string;
  key: readonly (keyof E & string)[];
  columns: ColumnsOf<E>;
  computed?: { readonly [field: string]: Computed<E> };
  /** Fields with one value in every row, without a column. */
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
  /** These and the computed columns, without generated ones. */
  written: TableColumn<E>[];
}

const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

/** Works out the names and lists of a table once. */
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
