import { MpcError } from '../errors.ts';

type Details = { hint?: string; cause?: unknown };

/** The base of everything `src/database` throws. */
export class DatabaseError extends MpcError {}

/** A row that should exist does not. */
export class NotFoundError extends DatabaseError {
  constructor(table: string, id: string, details: Details = {}) {
    super('not_found', `No row ${id} in ${table}.`, {
      hint: 'List the rows to see which exist.',
      ...details,
    });
  }
}

/** The store, or a file named for it, does not exist. */
export class MissingError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    super('not_found', message, {
      hint: 'Check DATABASE_URL. A store is made when it is first used, or by `proxmox-mpc db migrate`.',
      ...details,
    });
  }
}

/** A value breaks a rule of its column: `field` names the value, `rule` says what it must be. Nothing was written. */
export class ValidationError extends DatabaseError {
  /** `TABLE.column`, `where.FIELD`, `sort.by` and the like. */
  readonly field: string;
  /** What the value must be, as the rest of a sentence. */
  readonly rule: string;

  constructor(field: string, rule: string, details: Details = {}) {
    super('validation', `${field} ${rule}.`, {
      hint: `Give ${field} a value that fits and try again.`,
      ...details,
    });
    this.field = field;
    this.rule = rule;
  }
}

/** A row with this key, or a file of this name, exists already. */
export class DuplicateError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    super('duplicate', message, {
      hint: 'Update the row that exists, or use another key.',
      ...details,
    });
  }
}

/** A row names another one that does not exist, or is still named by others. */
export class ForeignKeyError extends DatabaseError {
  constructor(details: Details = {}) {
    super('foreign_key', 'A row refers to another row that does not exist, or is still referred to.', {
      hint: 'Write nodes before guests, storages and tasks, and delete in the opposite order.',
      ...details,
    });
  }
}

/** One row of many was refused; `about` is its resource, the cause says why. */
export class RowRefusedError extends DatabaseError {
  readonly about: string;

  constructor(about: string, cause: Error) {
    super('row_refused', `A row of ${about} was refused: ${cause.message}`, {
      hint: 'What it was made of is in the log; report it if it comes again.',
      cause,
    });
    this.about = about;
  }
}

/** Whether an error is about the content of a row, rather than the database: another row may be accepted. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof ValidationError || error instanceof DuplicateError || error instanceof ForeignKeyError
  );
}

/** Other processes kept the database locked for as long as we were ready to wait. Nothing was written. */
export class BusyError extends DatabaseError {
  constructor(details: Details = {}) {
    super('busy', 'The database stayed locked by another process.', {
      hint: 'Try again; if it lasts, look for a process that holds a long transaction on the store.',
      ...details,
    });
  }
}

/** The server does not answer or dropped the connection. */
export class ConnectionLostError extends DatabaseError {
  constructor(details: Details = {}) {
    super('connection_lost', 'The database server cannot be reached.', {
      hint: 'Check that PostgreSQL runs and that the host, port and firewall let this machine in; reads recover by themselves.',
      ...details,
    });
  }
}

/** The server refuses this user, password or database. */
export class AccessDeniedError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    super('access_denied', message, {
      hint: 'Check user, password and database name in DATABASE_URL, and that the user may use the database.',
      ...details,
    });
  }
}

/** The store was written by a newer version of this program. */
export class SchemaTooNewError extends DatabaseError {
  constructor(unknown: string[], details: Details = {}) {
    super('schema_too_new', `The store has migrations this version does not know: ${unknown.join(', ')}.`, {
      hint: 'Update proxmox-mpc to the version that wrote this store, or point DATABASE_URL at another store.',
      ...details,
    });
  }
}

/** A migration was changed after it had been applied to this store. */
export class MigrationEditedError extends DatabaseError {
  constructor(names: string[], details: Details = {}) {
    super(
      'migration_edited',
      `Applied migrations differ from the files of this version: ${names.join(', ')}.`,
      {
        hint: 'Install an unmodified proxmox-mpc; if you edited a migration, put the original back and author a new one.',
        ...details,
      },
    );
  }
}

/** Migrations are pending, and may only be applied on request. */
export class MigrationPendingError extends DatabaseError {
  constructor(pending: string[], details: Details = {}) {
    super('migration_pending', `The store needs these migrations first: ${pending.join(', ')}.`, {
      hint: 'Run `proxmox-mpc db migrate`, or set DATABASE_AUTO_MIGRATE=true.',
      ...details,
    });
  }
}

/** A migration failed. Where the engine allows it, the store was restored to its former state. */
export class MigrationFailedError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    const next =
      (details.cause instanceof MpcError ? details.cause.hint : undefined) ??
      'Report the cause; `proxmox-mpc db status` shows what is applied.';
    super('migration_failed', message, { hint: `The store is as it was before. ${next}`, ...details });
  }
}

/** The file is no SQLite database, is damaged, or belongs to another program. */
export class NotADatabaseError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    super('not_a_database', message, {
      hint: 'Point DATABASE_URL at another file, or move this one away and restore a backup with `proxmox-mpc db restore`.',
      ...details,
    });
  }
}

/** No space is left for the database. Nothing of the transaction was written. */
export class DiskFullError extends DatabaseError {
  constructor(details: Details = {}) {
    super('disk_full', 'The disk that holds the database is full.', {
      hint: 'Free some space, or drop old history with `proxmox-mpc db prune`.',
      ...details,
    });
  }
}

/** The database can be read but not written, or its path cannot be used at all. */
export class StorePermissionError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    super('store_permission', message, {
      hint: 'Let the user who runs proxmox-mpc write the file and its folder, or choose another path in DATABASE_URL.',
      ...details,
    });
  }
}

/** Another process took over the right to write, or ours expired. Nothing was written. */
export class LeaseLostError extends DatabaseError {
  constructor(holder: string, details: Details = {}) {
    super('lease_lost', `The lease of ${holder} is gone: it ran out or another process took over.`, {
      hint: 'Drop what was collected and read what the other process commits.',
      ...details,
    });
  }
}

/** The database's options contradict each other or make no sense. */
export class DatabaseOptionsError extends DatabaseError {
  constructor(message: string, details: Details = {}) {
    super('database_options', message, {
      hint: 'Use DATABASE_URL=file:/path/store.db for SQLite or postgresql://user:password@host:5432/name for PostgreSQL.',
      ...details,
    });
  }
}

/** The file a store was opened on is no longer in its place: what is written would be lost. */
export class StoreGoneError extends DatabaseError {
  constructor(path: string, details: Details = {}) {
    super('store_gone', `The database file ${path} was deleted or replaced while the program ran.`, {
      hint: 'Nothing more is recorded. Start the program again: it uses the file that is there then, or makes a new one.',
      ...details,
    });
  }
}

/** A query that would have taken more time or memory than allowed: it was stopped, and changed nothing. */
export class QueryLimitError extends DatabaseError {
  constructor(what: string, hint = 'Ask for less at once: narrow it by where, or count and group.') {
    super('query-limit', what, { hint });
  }
}
