import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Store } from '../../model/store.ts';
import { ConnectionLostError } from '../errors.ts';
import type { Prisma, PrismaClient } from '../generated/sqlite/client.ts';
import type { Dialect } from '../sql/dialect.ts';
import { isBusy, translateError } from '../translate-error.ts';
import { type RetryOptions, retrying } from './retry.ts';
import type { WriteQueue } from './write-queue.ts';

/** A client or a transaction of it. Both engines' clients have the same models, so SQLite's types are used for both. */
export type Db = Prisma.TransactionClient;

/** What repositories work with: outside a transaction each call stands alone, inside one they share it. */
export interface Session {
  readonly dialect: Dialect;
  /** The store's clock (ms), for rows that are written without a time. */
  readonly now: () => number;
  /** The rows of a statement that changes nothing. */
  select<R extends object>(query: Sql): Promise<R[]>;
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
}

/** What leads to one store. */
export interface Clients {
  dialect: Dialect;
  /** Reads committed rows, beside any transaction of the client. */
  select: Session['select'];
  client: PrismaClient;
  /** Only for a store that is a file, which may be removed. @throws StoreGoneError */
  stillThere?: () => Promise<void>;
  /** Runs a checked statement over the views, isolated from everything else. */
  query: Store['query'];
  /** Only where writes must be serialised. */
  queue: WriteQueue | null;
  close: () => Promise<void>;
}

/** How long calls wait before they fail. */
export interface SessionOptions {
  /** How long a call waits for other processes' locks, in ms. */
  busyMs: number;
  /** How long reads wait for a server that restarts, in ms. */
  reconnectMs: number;
  /** The longest duration of a transaction, in ms. */
  transactionMs: number;
}

/** The default waits. */
export const SESSION_DEFAULTS: SessionOptions = {
  busyMs: 30_000,
  reconnectMs: 3_000,
  transactionMs: 120_000,
};

/** A session whose calls stand alone, with transactions over several of them. */
export class RootSession implements Session {
  readonly dialect: Dialect;
  readonly now: () => number;
  readonly #clients: Clients;
  readonly #options: SessionOptions;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(clients: Clients, options: SessionOptions, now: () => number) {
    this.dialect = clients.dialect;
    this.now = now;
    this.#clients = clients;
    this.#options = options;
  }

  /** Reads committed rows only; retries while other processes hold locks or the server restarts. */
  select<R extends object>(query: Sql): Promise<R[]> {
    const lostUntil = performance.now() + this.#options.reconnectMs;
    const when = (error: unknown) =>
      isBusy(error) || (error instanceof ConnectionLostError && performance.now() < lostUntil);
    return this.#noted(retrying({ forMs: this.#options.busyMs, when }, () => this.#clients.select<R>(query)));
  }

  /** One write in its turn; retries while other processes hold locks. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.#inTurn(() => retrying(this.#retry(), () => work(this.#clients.client)));
  }

  /**
   * All of `work` or nothing. `first` runs before it in the same transaction and may be retried; it must write, so that the
   * transaction holds the write lock from its start and `work` cannot come too late.
   */
  transaction<T, F = void>(
    work: (tx: Session, first: F) => Promise<T>,
    first?: (tx: Session) => Promise<F>,
  ): Promise<T> {
    const { transactionMs } = this.#options;
    let started = false;
    const when = (error: unknown) => !started && isBusy(error);
    const attempt = () =>
      this.#clients.client.$transaction(
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

  /** @throws StoreGoneError when writes would go to a file that has been removed. */
  async stillThere(): Promise<void> {
    await this.#clients.stillThere?.();
  }

  /** Waits for pending reads and writes, then closes the connections: a client that is used meanwhile would connect anew. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#clients.close();
  }

  #retry(): RetryOptions {
    return { forMs: this.#options.busyMs };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#noted(this.#clients.queue ? this.#clients.queue.run(work) : work());
  }

  #noted<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const ended = () => this.#underWay.delete(work);
    work.then(ended, ended);
    return work;
  }

  async #lock(db: Db): Promise<void> {
    if (this.dialect.lockForWriting) await db.$executeRaw(sql`${raw(this.dialect.lockForWriting)}`);
  }
}

/** Inside a transaction reads and writes share it, and nothing is retried. */
function joined({ dialect, now }: Session, db: Db): Session {
  const run = async <T>(work: (db: Db) => Promise<T>) => {
    try {
      return await work(db);
    } catch (error) {
      throw translateError(error);
    }
  };
  return { dialect, now, select: query => run(db => db.$queryRaw(query)), write: run };
}
