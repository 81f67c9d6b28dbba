import { empty, join, raw, sqltag as sql } from '@prisma/client/runtime/client';
import { NotFoundError } from '../errors.ts';
import type { Db, Session } from '../session/session.ts';
import { deleteRows, insertRows } from '../sql/bulk.ts';
import type { Table, TableColumn } from '../sql/columns.ts';
import { quoted, readRows } from '../sql/rows.ts';
import { toCell } from '../sql/validate.ts';
import { when, where } from '../sql/where.ts';
import { translateError } from '../translate-error.ts';
import { fromModel, toModel } from './model-values.ts';

/** A page of a table's rows, in the order of their key. */
export interface Page<E> {
  /** The rows after this one, whatever was inserted meanwhile. */
  after?: E | undefined;
  limit?: number;
}

type Row = Record<string, unknown>;
interface Delegate {
  create(args: { data: Row }): Promise<Row>;
  update(args: { where: Row; data: Row }): Promise<Row>;
}

/**
 * One table's rows as entities. `Id` is the key's value, or an object of the key's fields where there are several; `New` is what
 * a row is created from.
 */
export abstract class Repository<E extends object, Id, New extends Partial<E> = E> {
  protected readonly session: Session;
  protected readonly table: Table<E>;

  constructor(session: Session, table: Table<E>) {
    this.session = session;
    this.table = table;
  }

  /** Creates a row. @throws ValidationError, DuplicateError or ForeignKeyError; nothing is written then. */
  async create(data: New): Promise<E> {
    const given: Partial<E> = data;
    const row = this.#toRow(this.table.written, given as E);
    return this.#fromRow(await this.session.write(db => this.#model(db).create({ data: row })));
  }

  /** The row with this key; null where there is none. */
  async findById(id: Id): Promise<E | null> {
    const isIt = sql`(${raw(this.#keyColumns())}) = (${join(this.#keyCells(this.#key(id) as E))})`;
    const [row] = await readRows(this.session, this.table, sql`WHERE ${isIt}`);
    return row ?? null;
  }

  /** Rows in the order of the key. */
  async findMany({ after, limit }: Page<E> = {}): Promise<E[]> {
    const key = raw(this.#keyColumns());
    const conditions = where([when(after, row => sql`(${key}) > (${join(this.#keyCells(row))})`)]);
    const rest = sql`${conditions} ORDER BY ${key} ${limit === undefined ? empty : sql`LIMIT ${limit}`}`;
    return readRows(this.session, this.table, rest);
  }

  /** Changes the given fields. @throws NotFoundError, and what `create` throws. */
  async update(id: Id, data: Partial<E>): Promise<E> {
    const columns = this.table.written.filter(of => !of.insertOnly && (of.uses === null || of.uses in data));
    const row = this.#toRow(columns, data as E);
    return this.#orNotFound(id, db => this.#model(db).update({ where: this.#unique(id), data: row }));
  }

  /** Creates or replaces any number of rows with one statement. */
  async upsertMany(rows: readonly E[]): Promise<void> {
    await insertRows(this.session, this.table, rows, 'update');
  }

  /**
   * Deletes any number of rows with one statement; missing ones are ignored.
   * @throws ForeignKeyError while other rows refer to one of them.
   */
  async deleteMany(ids: readonly Id[]): Promise<void> {
    await deleteRows(
      this.session,
      this.table,
      ids.map(id => this.#key(id) as E),
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

  #keyColumns(): string {
    return this.table.key.map(of => `t.${quoted(of)}`).join(', ');
  }

  /** @throws ValidationError */
  #keyCells(entity: E) {
    return this.table.key.map(of => toCell(of, `${this.table.name}.${of.db}`, of.from(entity, 0)));
  }

  #toRow(columns: TableColumn<E>[], entity: E): Row {
    const now = this.session.now();
    return Object.fromEntries(
      columns.map(of => [of.field, toModel(of, this.table.name, of.from(entity, now))]),
    );
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
