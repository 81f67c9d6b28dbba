/**
 * `npm run migration -- NAME`: writes migration.sql and down.sql for both engines from the changes in prisma/schema.prisma since
 * the newest migration. The new migration's folder keeps the models it leads to, replacing the copy in the previous one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { type AdapterFactory, NO_FILTERS, withSchemaEngine } from '../src/database/migrate/engine.ts';
import { derivePostgresqlSchema } from './derive-schema.ts';

const root = resolve(import.meta.dirname, '..');
const sqliteFolder = join(root, 'prisma', 'migrations');
const postgresqlFolder = join(root, 'prisma', 'postgresql', 'migrations');

/** Answers like a PostgreSQL server without data: to compare models, only the kind of engine matters. */
export const postgresqlStub: AdapterFactory = (() => {
  const adapter = {
    provider: 'postgres' as const,
    adapterName: '@prisma/adapter-pg',
    queryRaw: async () => ({
      columnNames: ['exists', 'version', 'numeric_version'],
      columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
      rows: [[true, 'PostgreSQL 14.0', 140000]],
    }),
    executeRaw: async () => 0,
    executeScript: async () => {},
    startTransaction: () => Promise.reject(new Error('no server')),
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: async () => {},
  };
  return {
    provider: 'postgres',
    adapterName: adapter.adapterName,
    connect: async () => adapter,
    connectToShadowDb: async () => adapter,
  } as never;
})();

/** The SQL from one set of models to another; null means an empty database. */
export async function diffSql(
  factory: AdapterFactory,
  from: string | null,
  to: string | null,
): Promise<string> {
  const target = (content: string | null) =>
    content === null
      ? ({ tag: 'empty' } as const)
      : ({ tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }], configDir: root } as const);
  return withSchemaEngine(root, factory, async engine => {
    const { stdout } = await engine.diff({
      from: target(from),
      to: target(to),
      script: true,
      shadowDatabaseUrl: null,
      exitCode: null,
      filters: NO_FILTERS,
    } as never);
    return stdout ?? '';
  });
}

/** The file with the models of the newest migration; undefined if there is none. */
function newestModelsFile(): string | undefined {
  if (!existsSync(sqliteFolder)) return undefined;
  const files = readdirSync(sqliteFolder)
    .sort()
    .map(name => join(sqliteFolder, name, 'schema.prisma'));
  // A migration that only converts stored data has no copy of the models.
  return files.findLast(file => existsSync(file));
}

/** The models of the newest migration; null if there is none. */
export function newestModels(): string | null {
  const file = newestModelsFile();
  return file === undefined ? null : readFileSync(file, 'utf8');
}

async function author(name: string): Promise<void> {
  const to = readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8');
  const from = newestModels();
  const derive = (models: string | null) => (models === null ? null : derivePostgresqlSchema(models));
  writeFileSync(join(root, 'prisma', 'postgresql', 'schema.prisma'), derivePostgresqlSchema(to));

  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const sqlite = new PrismaBetterSqlite3({ url: ':memory:' });
  const engines = [
    { folder: sqliteFolder, provider: 'sqlite', factory: sqlite, from, to },
    {
      folder: postgresqlFolder,
      provider: 'postgresql',
      factory: postgresqlStub,
      from: derive(from),
      to: derive(to),
    },
  ];
  for (const engine of engines) {
    const up = await diffSql(engine.factory, engine.from, engine.to);
    const down = await diffSql(engine.factory, engine.to, engine.from);
    if (up.includes('This is an empty migration')) {
      console.log(`${engine.provider}: the models have not changed, nothing written`);
      continue;
    }
    const folder = join(engine.folder, `${stamp}_${name}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(engine.folder, 'migration_lock.toml'), `provider = "${engine.provider}"\n`);
    writeFileSync(join(folder, 'migration.sql'), up);
    writeFileSync(join(folder, 'down.sql'), down);
    if (engine.provider === 'sqlite') {
      const former = newestModelsFile();
      writeFileSync(join(folder, 'schema.prisma'), to);
      if (former !== undefined) rmSync(former);
    }
    console.log(`${engine.provider}: wrote ${folder}`);
  }
}

if (import.meta.main) {
  const name = process.argv[2];
  if (!name || !/^[a-z0-9_]+$/.test(name)) {
    console.error('Usage: npm run migration -- NAME (lower case letters, digits and _)');
    process.exit(1);
  }
  await author(name);
}
