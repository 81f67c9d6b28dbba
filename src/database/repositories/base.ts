import { NotFoundError, ValidationError } from '../errors.ts';
import type { Db, Session } from '../session/session.ts';
import { deleteRows, insertRows } from '../sql/bulk.ts';
import type { Table, TableColumn } from '../sql/columns.ts';
import { decodeCursor, encodeCursor } from '../sql/cursor.ts';
import { isJson } from '../sql/validate.ts';
import { translateError } from '../translate-error.ts';
import { fromModel, toModel } from './model-values.ts';

type Comparable = string | number;
/** What a field must be: a value, one of several, or within a span (inclusive). */
export type Condition<V> = V | { in: readonly V[] } | (V extends Comparable ? { from?: V; to?: V } : never);
/** Which rows a list holds, and which page of it. Rows come in the order of their key. */
export interface FilterOptions<E> {
  where?: { [K in keyof E]?: Condition<E[K]> };
  /** A cursor of this table: rows behind it. */
  after?: string;
  limit?: number;
}

type Row = Record<string, unknown>;
interface Delegate {
  create(args: { data: Row }): Promise<Row>;
  findUnique(args: { where: Row }): Promise<Row | null>;
  findMany(args: object): Promise<Row[]>;
  update(args: { where: Row; data: Row }): Promise<Row>;
  delete(args: { where: Row }): Promise<Row>;
}

/**
 * One table's rows as entities. `Id` is the key's value, or an object of the key's fields where there are several;
 * `New` is what a row is created from.
 */
export abstract class Repository<E extends object, Id, New = E> {
  protected readonly session: Session;
  protected readonly table: Table<E>;

  constructor(session: Session, table: Table<E>) {
    this.session = session;
    this.table = table;
  }

  /** @throws ValidationError, DuplicateError or ForeignKeyError; nothing is written then. */
  async create(data: New): Promise<E> {
    const row = this.#toRow(this.table.written, data as unknown as E);
    return this.#fromRow(await this.session.write(db => this.#model(db).create({ data: row })));
  }

  /** Null where there is none. */
  async findById(id: Id): Promise<E | null> {
    const row = await this.session.read(db => this.#model(db).findUnique({ where: this.#unique(id) }));
    return row && this.#fromRow(row);
  }

  /** In the order of the key. @throws ValidationError for a cursor or a condition this table cannot have. */
  async findMany(filter: FilterOptions<E> = {}): Promise<E[]> {
    if (this.#excluded(filter.where ?? {})) return [];
    const conditions: Row[] = Object.entries(filter.where ?? {}).map(([key, condition]) =>
      this.#condition(key, condition),
    );
    if (filter.after !== undefined) conditions.push(this.#behind(filter.after));
    const rows = await this.session.read(db =>
      this.#model(db).findMany({
        where: { AND: conditions },
        orderBy: this.table.key.map(of => ({ [of.field]: 'asc' })),
        ...(filter.limit === undefined ? {} : { take: filter.limit }),
      }),
    );
    return rows.map(row => this.#fromRow(row));
  }

  /** Changes the fields given and leaves the others. @throws NotFoundError and what `create` throws. */
  async update(id: Id, data: Partial<E>): Promise<E> {
    const columns = this.table.written.filter(of => !of.insertOnly && (of.uses === null || of.uses in data));
    const row = this.#toRow(columns, data as E);
    return this.#orNotFound(id, db => this.#model(db).update({ where: this.#unique(id), data: row }));
  }

  /** @throws NotFoundError, or ForeignKeyError while other rows refer to it. */
  async delete(id: Id): Promise<void> {
    await this.#orNotFound(id, db => this.#model(db).delete({ where: this.#unique(id) }));
  }

  /** Creates or replaces any number of rows with one statement. */
  async upsertMany(rows: readonly E[]): Promise<void> {
    await insertRows(this.session, this.table, rows, 'update');
  }

  /** Deletes any number of rows with one statement; those that do not exist are passed over. */
  async deleteMany(ids: readonly Id[]): Promise<void> {
    await deleteRows(
      this.session,
      this.table,
      ids.map(id => this.#key(id) as E),
    );
  }

  /** The cursor that continues a list behind this row. */
  cursorOf(row: E): string {
    return encodeCursor(
      this.table.name,
      this.table.key.map(of => row[of.key!] as string | number),
    );
  }

  #model(db: Db): Delegate {
    return db[this.table.model] as unknown as Delegate;
  }

  #key(id: Id): Row {
    return typeof id === 'object' && id !== null ? (id as Row) : { [this.table.key[0]!.key!]: id };
  }

  #unique(id: Id): Row {
    const key = this.#key(id) as E;
    const row = this.#toRow(this.table.key, key);
    return this.table.key.length === 1 ? row : { [this.table.key.map(of => of.field).join('_')]: row };
  }

  #behind(cursor: string): Row {
    const kinds = this.table.key.map(of => (of.kind === 'text' ? 'string' : 'number'));
    const values = decodeCursor(this.table.name, kinds, cursor);
    const field = (n: number) => this.table.key[n]!.field;
    return {
      OR: values.map((value, n) => ({
        ...Object.fromEntries(values.slice(0, n).map((same, m) => [field(m), same])),
        [field(n)]: { gt: value },
      })),
    };
  }

  /** Whether a condition on a constant of the table, such as a guest's type, leaves no row. */
  #excluded(conditions: Row): boolean {
    return Object.entries(this.table.constants).some(([key, constant]) => {
      const wanted = conditions[key];
      if (typeof wanted === 'object' && wanted !== null && 'in' in wanted)
        return !(wanted.in as unknown[]).includes(constant);
      return wanted !== undefined && wanted !== constant;
    });
  }

  #condition(key: string, condition: unknown): Row {
    if (key in this.table.constants) return {};
    const of = this.table.columns.find(candidate => candidate.key === key);
    if (!of || isJson(of))
      throw new ValidationError(`where.${key}`, `is no plain field of ${this.table.name}`);
    const model = (value: unknown) => toModel(of, this.table.name, value);
    if (typeof condition !== 'object' || condition === null) return { [of.field]: model(condition) };
    if ('in' in condition) return { [of.field]: { in: (condition.in as unknown[]).map(model) } };
    const { from, to } = condition as { from?: unknown; to?: unknown };
    return {
      [of.field]: {
        ...(from === undefined ? {} : { gte: model(from) }),
        ...(to === undefined ? {} : { lte: model(to) }),
      },
    };
  }

  #toRow(columns: TableColumn<E>[], entity: E): Row {
    return Object.fromEntries(columns.map(of => [of.field, toModel(of, this.table.name, of.from(entity))]));
  }

  #fromRow(row: Row): E {
    const own = this.table.columns.map(of => [of.key, fromModel(of, row[of.field])]);
    return { ...this.table.constants, ...Object.fromEntries(own) } as E;
  }

  async #orNotFound(id: Id, work: (db: Db) => Promise<Row>): Promise<E> {
    try {
      return this.#fromRow(await this.session.write(work));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw translateError(error);
      throw new NotFoundError(this.table.name, JSON.stringify(id), { cause: error.cause });
    }
  }
}
