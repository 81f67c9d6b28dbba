import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { withConnection } from '../../src/database/sqlite/connection.ts';
import { createFile } from '../../src/database/sqlite/file.ts';
import { migrateSqlite } from '../../src/database/sqlite/migrate.ts';
import { noLog } from '../../src/log.ts';
import { packageRoot } from './database-root.ts';

/*
 * What the files of one `vitest` run share, across its workers: test/support/global-setup.ts makes the folder and owns
 * the server. Outside of such a run (a benchmark that starts a lab) nothing is shared.
 */
const runFolder = () => process.env['TEST_RUN_FOLDER'];

/** Where a test run answers with the address of its PostgreSQL server. */
export const postgresSocket = (folder: string) => join(folder, 'postgres.sock');

/** The address of the PostgreSQL server that the files of this run share; undefined outside of one. */
export async function sharedPostgres(): Promise<string | undefined> {
  const folder = runFolder();
  if (folder === undefined) return undefined;
  const url = await text(connect(postgresSocket(folder)));
  if (!url.startsWith('postgresql:')) throw new Error(`PostgreSQL did not start: ${url}`);
  return url;
}

let template: Promise<string> | undefined;

/**
 * Puts a SQLite store with all tables and no rows at a path: a copy of a file that is migrated once a run. Opening it
 * finds nothing to migrate, which is most of what a new store costs. Does nothing outside of a run.
 */
export async function placeStore(path: string): Promise<void> {
  const folder = runFolder();
  if (folder === undefined) return;
  template ??= migratedFile(folder);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await copyFile(await template, path);
}

const kept = new Map<string, Promise<string>>();

/** A file that this process makes when it is first asked for by that name, and keeps until the run ends. */
export function keptFile(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(runFolder() ?? tmpdir(), `kept-${process.pid}-${kept.size}.db`);
  const file = kept.get(name) ?? make(path).then(() => path);
  kept.set(name, file);
  return file;
}

/** Made by whichever worker asks first; two that ask at once make the same file twice. */
async function migratedFile(folder: string): Promise<string> {
  const path = join(folder, 'store.db');
  if (existsSync(path)) return path;
  const draft = join(folder, `store-${process.pid}.db`);
  await createFile(draft);
  await migrateSqlite({ path: draft, packageRoot, autoMigrate: true, busyMs: 30_000, log: noLog });
  await withConnection(draft, connection => connection.pragma('journal_mode = WAL'));
  await rename(draft, path);
  return path;
}
