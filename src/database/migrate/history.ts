import { oneLine } from '../../text/clean.ts';
import { MigrationEditedError, NotADatabaseError, SchemaTooNewError } from '../errors.ts';
import type { Migration } from './migrations.ts';

/** A row of Prisma's `_prisma_migrations` that was not rolled back. */
export interface AppliedMigration {
  name: string;
  checksum: string;
  finished: boolean;
}

/** How a store's migrations compare with those of this version. */
export interface History {
  applied: string[];
  /** Known here, not yet applied. */
  pending: Migration[];
  /** Applied there, unknown here. */
  unknown: string[];
  edited: string[];
  /** Begun and never finished: the process died or the SQL failed. */
  failed: string[];
}

/** Reads the rows of `_prisma_migrations` that the comparison needs. */
export const HISTORY_SQL = `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`;

/** Names from a store's file, made safe to show, since they may be anything. */
export function shownNames(names: readonly string[]): string[] {
  return names.slice(0, 100).map(name => oneLine(String(name)).slice(0, 100).toWellFormed());
}

/** Compares a store's migrations with those known here. Refuses nothing; that is what `assertOurs` is for. */
export function compareHistory(known: Migration[], rows: AppliedMigration[]): History {
  const finished = rows.filter(row => row.finished);
  const names = new Set(finished.map(row => row.name));
  const byName = new Map(known.map(migration => [migration.name, migration]));
  const altered = (row: AppliedMigration) =>
    byName.has(row.name) && byName.get(row.name)!.checksum !== row.checksum;
  return {
    applied: finished.map(row => row.name),
    pending: known.filter(migration => !names.has(migration.name)),
    unknown: shownNames(finished.filter(row => !byName.has(row.name)).map(row => row.name)),
    edited: finished.filter(altered).map(row => row.name),
    failed: rows.filter(row => !row.finished).map(row => row.name),
  };
}

/**
 * The migrations of a database with these tables and these rows of `_prisma_migrations`.
 * @throws NotADatabaseError when the tables belong to another program.
 */
export function historyOf(known: Migration[], tables: string[], rows: AppliedMigration[]): History {
  const others = tables.filter(name => name !== '_prisma_migrations');
  const ours = rows.some(row => known.some(migration => migration.name === row.name));
  if (!ours && (rows.length > 0 || others.length > 0)) {
    throw new NotADatabaseError(
      `The database belongs to another program: it has the tables ${shownNames(others.slice(0, 5)).join(', ')}.`,
      { hint: 'Point DATABASE_URL at another file or database.' },
    );
  }
  return compareHistory(known, rows);
}

/** Refuses a store with unknown or edited migrations. @throws SchemaTooNewError or MigrationEditedError */
export function assertOurs(history: History): void {
  if (history.unknown.length > 0) throw new SchemaTooNewError(history.unknown);
  if (history.edited.length > 0) throw new MigrationEditedError(history.edited);
}
