import { raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { Store } from '../../model/store.ts';
import { ConnectionLostError } from '../errors.ts';
import type { Prisma, PrismaClient } from '../generated/sqlite/client.ts';
import type { Dialect } from '../sql/dialect.ts';
import { isBusy, translateError } from '../translate-error.ts';
import { type RetryOptions, retrying } from './retry.ts';
import type { WriteQueue } from './write-queue.ts';

/** A client or a transaction of it. Both engines' clients have the same models, so SQLite's types stand for both. */
export type Db = Prisma.TransactionClient;

/** What repositories work with: outside a transaction each call stands alone, inside one all share it. */
export interface Session {
  readonly dialect: Dialect;
  /** The store's clock (ms), which dates what rows are not told a time for. */
  readonly now: () => number;
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
}

/** Called for each query with its duration (ms); null where queries are not logged. */
export type QueryLog = ((event: { query: string; duration: number }) => void) | null;

/** The clients of one store. On PostgreSQL both are the same pool. */
export interface Clients {
  dialect: Dialect;
  reader: PrismaClient;
  writer: PrismaClient;
  /** Present where the store is a file, which somebody may take away. @throws StoreGoneError */
  stillThere?: () => Promise<void>;
  /** Runs a checked statement over the views, apart from everything else. */
  query: Store['query'];
  /** Present where writes must go one by one. */
  queue: WriteQueue | null;
}

/** How long calls wait before they fail. */
export interface SessionOptions {
  /** How long a call waits for other processes' locks, in ms. */
  busyMs: number;
  /** How long reads wait for a server that restarts, in ms. */
  reconnectMs: number;
  /** The longest a transaction may take, in ms. */
  transactionMs: number;
}

/** The waits where nobody says otherwise. */
export const SESSION_DEFAULTS: SessionOptions = {
  busyMs: 30_000,
  reconnectMs: 3_000,
  transactionMs: 120_000,
};

/** A session whose calls stand alone, plus transactions over several of them. */
export class RootSession implements Session {
  readonly dialect: Dialect;
  readonly now: () => number;
  readonly #clients: Clients;
  readonly #options: SessionOptions;

  constructor(clients: Clients, options: SessionOptions, now: () => number) {
    this.dialect = clients.dialect;
    this.now = now;
    this.#clients = clients;
    this.#options = options;
  }

  /** Reads committed rows only; tries again over other processes' locks and a restarting server. */
  read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const lostUntil = performance.now() + this.#options.reconnectMs;
    const when = (error: unknown) =>
      isBusy(error) || (error instanceof ConnectionLostError && performance.now() < lostUntil);
    return retrying({ forMs: this.#options.busyMs, when }, () => work(this.#clients.reader));
  }

  /** One write in its turn; tries again over other processes' locks. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.#inTurn(() => retrying(this.#retry(), () => work(this.#clients.writer)));
  }

  /**
   * All of `work` or nothing. `first` runs before it inside the same transaction and may be tried several times; it
   * must write, so that the transaction owns the write lock from its start and `work` cannot come too late.
   */
  transaction<T, F = void>(
    work: (tx: Session, first: F) => Promise<T>,
    first?: (tx: Session) => Promise<F>,
  ): Promise<T> {
    const { transactionMs } = this.#options;
    let started = false;
    const when = (error: unknown) => !started && isBusy(error);
    const attempt = () =>
      this.#clients.writer.$transaction(
        async db => {
          const tx = joined(this, db);
          const head = first ? await first(tx) : ((await this.#lock(db)) as F);
          started = true;
          return work(tx, head);
        },
        { timeout: transactionMs, maxWait: this.#options.busyMs },
      );
    return this.#inTurn(() => retrying({ ...this.#retry(), when }, attempt));
  }

  /** See `StoreReader.query`. */
  query: Store['query'] = (query, options) => this.#clients.query(query, options);

  /** @throws StoreGoneError when what is written would go to a file that nobody finds any more. */
  async stillThere(): Promise<void> {
    await this.#clients.stillThere?.();
  }

  /** Waits for writes under way, then closes the connections. */
  async close(): Promise<void> {
    await this.#clients.queue?.idle();
    await this.#clients.reader.$disconnect();
    if (this.#clients.writer !== this.#clients.reader) await this.#clients.writer.$disconnect();
  }

  #retry(): RetryOptions {
    return { forMs: this.#options.busyMs };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#clients.queue ? this.#clients.queue.run(work) : work();
  }

  async #lock(db: Db): Promise<void> {
    if (this.dialect.lockForWriting) await db.$executeRaw(sql`${raw(this.dialect.lockForWriting)}`);
  }
}

/** Inside a transaction reads and writes go the same way, and nothing is tried twice. */
function joined({ dialect, now }: Session, db: Db): Session {
  const run = async <T>(work: (db: Db) => Promise<T>) => {
    try {
      return await work(db);
    } catch (error) {
      throw translateError(error);
    }
  };
  return { dialect, now, read: run, write: run };
}
