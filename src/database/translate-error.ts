import { MpcError } from '../errors.ts';
import {
  AccessDeniedError,
  BusyError,
  ConnectionLostError,
  DatabaseError,
  DiskFullError,
  DuplicateError,
  ForeignKeyError,
  NotADatabaseError,
  NotFoundError,
  StorePermissionError,
  ValidationError,
} from './errors.ts';

/** The information that Prisma's adapters and the drivers below them leave on an error. */
interface Clues {
  /** The adapter's own word, such as `ForeignKeyConstraintViolation`. */
  kind: string;
  /** Prisma's `P2025`, SQLite's `SQLITE_FULL` or PostgreSQL's `57P01`. */
  codes: string[];
  message: string;
}

function cluesOf(error: unknown): Clues {
  const clues: Clues = {
    kind: '',
    codes: [],
    message: error instanceof Error ? error.message : String(error),
  };
  let at: unknown = error;
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth++) {
    const layer = at as Record<string, unknown>;
    if (typeof layer.kind === 'string' && !clues.kind) clues.kind = layer.kind;
    for (const code of [layer.code, layer.originalCode]) {
      if (typeof code === 'string') clues.codes.push(code);
    }
    if (typeof layer.originalMessage === 'string') clues.message = layer.originalMessage;
    at = (layer.meta as Record<string, unknown> | undefined)?.driverAdapterError ?? layer.cause;
  }
  return clues;
}

const BUSY = /^(SQLITE_BUSY|SQLITE_LOCKED|40001$|40P01$|55P03$|P1008$|P2034$)/;
const LOST =
  /^(P1001|P1002|P1017|57P0[1-5]|08\w{3}|53300|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|EAI_AGAIN|P2037)$/;
const LOST_TEXT =
  /connection terminated|connection ended|client has encountered a connection error|not queryable|timeout exceeded when trying to connect|timeout expired/i;
const FULL = /^(SQLITE_FULL|53100|ENOSPC|EDQUOT)/;
const READ_ONLY = /^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|25006|42501|EACCES|EPERM|EROFS)/;
const DAMAGED = /^(SQLITE_NOTADB|SQLITE_CORRUPT)/;
const DENIED = /^(28P01|28000|3D000|P1000|P1003|P1010)$/;

/** Whether another attempt may help, since another process or connection was in the way. */
export function isBusy(error: unknown): boolean {
  return error instanceof BusyError;
}

/** Any error of Prisma, an adapter or a driver as a DatabaseError, with the original as its cause. */
export function translateError(error: unknown): Error {
  if (error instanceof MpcError) return error;
  const { kind, codes, message } = cluesOf(error);
  const has = (pattern: RegExp) => codes.some(code => pattern.test(code));
  const details = { cause: error };
  if (kind === 'UniqueConstraintViolation' || has(/^(P2002|23505|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/)) {
    return new DuplicateError('A row with the same key exists already.', details);
  }
  if (
    kind.endsWith('ForeignKeyConstraintViolation') ||
    kind === 'RestrictViolation' ||
    has(/^(P2003|P2014|2350[13]|23001|SQLITE_CONSTRAINT_(FOREIGNKEY|TRIGGER))$/)
  ) {
    return new ForeignKeyError(details);
  }
  if (has(/^(P2025|P2001)$/)) return new NotFoundError('the table', 'with this key', details);
  if (has(FULL)) return new DiskFullError(details);
  if (has(READ_ONLY)) return new StorePermissionError('The database may not be written.', details);
  if (has(DAMAGED))
    return new NotADatabaseError('The file is no SQLite database, or it is damaged.', details);
  if (has(LOST) || LOST_TEXT.test(message) || ['DatabaseNotReachable', 'ConnectionClosed'].includes(kind)) {
    return new ConnectionLostError(details);
  }
  if (has(BUSY) || kind === 'TransactionWriteConflict') return new BusyError(details);
  if (has(DENIED)) return new AccessDeniedError('The database server refuses the connection.', details);
  if (kind === 'TlsConnectionError') {
    return new AccessDeniedError('The TLS connection to the database server failed.', details);
  }
  if (kind === 'NullConstraintViolation')
    return new ValidationError('A required value', 'must not be empty', details);
  if (kind === 'ValueOutOfRange' || kind === 'InvalidInputValue' || has(/^22/)) {
    return new ValidationError('A value', 'does not fit its column', details);
  }
  if (has(/^P2028$/)) {
    return new DatabaseError(
      'transaction',
      'A transaction took too long or was closed; nothing of it was written.',
      {
        hint: 'Try again with less work at once.',
        ...details,
      },
    );
  }
  return new DatabaseError('database', 'The database could not do what was asked.', {
    hint: 'The cause is in the log; `proxmox-mpc db status` checks the store.',
    ...details,
  });
}
