import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DatabaseStore, openStore } from '../../../src/database/index.ts';
import { backupStore, restoreStore } from '../../../src/database/maintenance/index.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { LINES_NOTE } from '../../../src/database/sql/lines.ts';
import { MpcError } from '../../../src/errors.ts';
import { type Engine, onBothEngines, temporaryFolder } from '../../support/database-engine.ts';
import { aConfig, aGuest, aNode, aTask, aVersion, startWriting } from '../../support/database-fixtures.ts';
import { times } from '../../support/soak.ts';

/** A store with something in it. */
async function filled(engine: Engine): Promise<string> {
  const url = await engine.newStore();
  const store = await openStore(engine.options(url));
  const { commit, lease } = await startWriting(store);
  await commit(async writer => {
    await writer.upsertNodes([aNode()]);
    await writer.upsertGuests('vm', [aGuest(101), aGuest(102)]);
    await writer.upsertConfigs([aConfig(101)]);
    await writer.upsertTasks([aTask(1)]);
    await writer.insertVersions([aVersion(101, { state: { deep: [1, null, { a: 'b' }] } })]);
  });
  await store.saveCluster({ name: 'lab', rootFingerprint: null, firstSeen: 1, quorate: true });
  await store.releaseLease(lease);
  await store.close();
  return url;
}

async function contents({ repositories: r }: DatabaseStore) {
  const kinds = [r.cluster, r.nodes, r.vms, r.guestConfigs, r.tasks, r.stateSnapshots, r.commits, r.notes];
  const all = await Promise.all(kinds.map(repository => repository.findMany()));
  const notes = all.pop() as { key: string }[];
  // A restore begins another line of the store's life.
  return [...all, notes.filter(({ key }) => key !== LINES_NOTE)];
}

/** What a crafted SQLite backup does, as SQL on a copy of a good one. */
const SQLITE: { [what: string]: string } = {
  'a trigger on one of our tables':
    "CREATE TRIGGER t AFTER UPDATE ON lease BEGIN UPDATE vms SET name = 'owned'; END",
  'a trigger that takes rows away': 'CREATE TRIGGER t BEFORE INSERT ON tasks BEGIN SELECT RAISE(IGNORE); END',
  'a view beside the tables': 'CREATE VIEW v AS SELECT 1',
  'a view in the place of a table': 'DROP TABLE notes; CREATE VIEW notes AS SELECT 1 AS key, 2 AS value',
  'the list of migrations as a view':
    'CREATE TABLE m AS SELECT * FROM _prisma_migrations; DROP TABLE _prisma_migrations; CREATE VIEW _prisma_migrations AS SELECT * FROM m',
  'a virtual table': 'CREATE VIRTUAL TABLE f USING fts5(x)',
  'a virtual table in the place of one of ours':
    'DROP TABLE notes; CREATE VIRTUAL TABLE notes USING fts5(key, value)',
  'a computed column': 'ALTER TABLE notes ADD COLUMN more TEXT AS (hex(1))',
  'a computed column in the list of migrations':
    'ALTER TABLE _prisma_migrations ADD COLUMN more TEXT AS (hex(1))',
  'an unknown table': 'CREATE TABLE stranger (id INTEGER)',
  'an unknown table with quotes in its name': 'CREATE TABLE "x"" ; DROP TABLE vms; --" (id INTEGER)',
  'a further column': 'ALTER TABLE vms ADD COLUMN "more"" text" TEXT',
  'a missing column': 'ALTER TABLE vms DROP COLUMN pool',
  'a column of another type': 'ALTER TABLE vms DROP COLUMN pool; ALTER TABLE vms ADD COLUMN pool BLOB',
  'a column with an expression as its default':
    "ALTER TABLE vms DROP COLUMN pool; ALTER TABLE vms ADD COLUMN pool TEXT DEFAULT 'x'",
  'an index on an expression': 'CREATE INDEX i ON vms (abs(id))',
  'an index of our name on something else':
    'DROP INDEX details_topic_source_idx; CREATE INDEX details_topic_source_idx ON details (hex(data))',
  'a partial index': "CREATE UNIQUE INDEX i ON vms (id) WHERE name <> 'x'",
  'a check': "ALTER TABLE notes ADD COLUMN more TEXT CHECK (more <> 'x')",
  'a check hidden in the schema':
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '\"holder\" TEXT NOT NULL', '\"holder\" TEXT NOT NULL CHECK (length(holder) > 0)') WHERE name = 'lease'",
  'a schema that is no SQL':
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE nonsense' WHERE name = 'lease'",
  'text in a number': "UPDATE vms SET incarnation = 'one'",
  'a number no store counts to': 'UPDATE nodes SET memory_max = 9223372036854775807',
  'bytes in a text': "UPDATE vms SET name = x'00ff00'",
  'no JSON in a JSON': "UPDATE vms SET tags = '[1,'",
  'bytes in a JSON': "UPDATE vms SET tags = x'5b5d'",
  'tags that are no list': `UPDATE vms SET tags = '{"a":1}'`,
  'tags that are no texts': "UPDATE vms SET tags = '[null]'",
  'a configuration that is a list': "UPDATE guest_configs SET config = '[1]'",
  'a change without a path': `UPDATE state_snapshots SET fields = '[{"from":1}]'`,
  'a state that is nothing': "UPDATE state_snapshots SET resource_data = 'null'",
  'facts that are a number': "UPDATE vms SET unconfirmed = '7'",
  'a truth value of two': 'UPDATE vms SET template = 2',
  'a fraction in a whole number': 'UPDATE vms SET uptime = 1.5',
  'a guest on a node that is not there': "PRAGMA foreign_keys = OFF; UPDATE vms SET node_id = 'gone'",
  'a migration nobody knows':
    "UPDATE _prisma_migrations SET migration_name = '29990101000000_more' WHERE migration_name LIKE '%details'",
  'a migration with another text': "UPDATE _prisma_migrations SET checksum = 'x'",
  'a later migration without the first': "DELETE FROM _prisma_migrations WHERE migration_name LIKE '%init'",
  'a migration in the middle': 'UPDATE _prisma_migrations SET finished_at = NULL',
  'another program’s tables': 'DELETE FROM _prisma_migrations',
};

type Lines = string[];
const at = (lines: Lines, table: string) => lines.findIndex(line => line.startsWith(`{"table":"${table}"`));
/** The line above a table's rows. */
interface TableLine {
  table: string;
  columns: { name: string; type: string }[];
}
/** Changes one line: that of a table, or so many `after` it one of its rows. */
const edit =
  <Line = TableLine>(table: string, change: (line: Line) => unknown, after = 0) =>
  (lines: Lines) =>
    lines.with(
      at(lines, table) + after,
      JSON.stringify(change(JSON.parse(lines[at(lines, table) + after]!) as Line)),
    );
const column = (change: object) =>
  edit('vms', line => ({ ...line, columns: line.columns.with(0, { ...line.columns[0]!, ...change }) }));
const cell = (table: string, index: number, value: unknown) =>
  edit<unknown[]>(table, row => row.with(index, value), 1);
/** Changes the first row's cell of a column that is called so. */
const cellOf = (table: string, name: string, value: unknown) => (lines: Lines) => {
  const { columns } = JSON.parse(lines[at(lines, table)]!) as { columns: { name: string }[] };
  return cell(
    table,
    columns.findIndex(one => one.name === name),
    value,
  )(lines);
};
const header = (migrations: (list: object[]) => unknown) => (lines: Lines) => {
  const first = JSON.parse(lines[0]!) as { migrations: object[] };
  return lines.with(0, JSON.stringify({ ...first, migrations: migrations(first.migrations) }));
};

/** What a crafted dump does, as a change of a good one's lines. */
const POSTGRESQL: { [what: string]: (lines: Lines) => Lines } = {
  'a type that ends the cast': column({
    type: 'integer)::integer FROM pg_sleep(0)) AS x; CREATE TABLE owned (); --',
  }),
  'a type that calls a function': column({ type: 'integer + 0 * lo_create(0)::integer' }),
  'a type we do not use': column({ type: 'regclass' }),
  'a type that is no text': column({ type: ['integer'] }),
  'a type called like a method of objects': column({ type: 'constructor' }),
  'a column with quotes': column({ name: 'id") SELECT 1; CREATE TABLE owned (); --' }),
  'an unknown column': column({ name: 'stranger' }),
  'a column that is there twice': edit('vms', line => ({
    ...line,
    columns: line.columns.with(1, line.columns[0]!),
  })),
  'a column less': edit('vms', line => ({ ...line, columns: line.columns.slice(1) })),
  'no columns': edit('vms', line => ({ ...line, columns: [] })),
  'a table with quotes': edit('vms', line => ({
    ...line,
    table: 'vms" (id) SELECT 1; CREATE TABLE owned (); --',
  })),
  'a table of the system': edit('vms', line => ({ ...line, table: 'pg_authid' })),
  'a table with its schema': edit('vms', line => ({ ...line, table: 'public.vms' })),
  'a table that is there twice': lines => [...lines.slice(0, -1), lines[at(lines, 'notes')]!, lines.at(-1)!],
  'a table before those it refers to': lines => {
    const [from, to] = [at(lines, 'vms'), at(lines, 'containers')];
    return [lines[0]!, ...lines.slice(from, to), ...lines.slice(1, from), ...lines.slice(to)];
  },
  'a row with a cell more': edit<unknown[]>('vms', row => [...row, 1], 1),
  'a row with a cell less': edit<unknown[]>('vms', row => row.slice(1), 1),
  'a row before any table': lines => [lines[0]!, '[1]', ...lines.slice(1)],
  'a key that is there twice': lines => {
    const row = at(lines, 'vms') + 1;
    const end = JSON.parse(lines.at(-1)!) as { rows: number };
    return [
      ...lines.slice(0, row),
      lines[row]!,
      ...lines.slice(row, -1),
      JSON.stringify({ ...end, rows: end.rows + 1 }),
    ];
  },
  'tags that are no list': cellOf('vms', 'tags', { a: 1 }),
  'tags that are no texts': cellOf('vms', 'tags', [[]]),
  'a configuration that is a text': cellOf('guest_configs', 'config', 'x'),
  'a change without a path': cellOf('state_snapshots', 'fields', [{ from: 1 }]),
  'a state that is a list': cellOf('state_snapshots', 'resource_data', [1]),
  'text in a number': cell('vms', 0, '1; CREATE TABLE owned ()'),
  'a number beyond its column': cell('vms', 0, 2 ** 40),
  'a fraction in a whole number': cell('vms', 0, 1.5),
  'an object in a text': cell('vms', 1, { a: 1 }),
  'nothing where something must be': cell('vms', 0, null),
  'a character no text can hold': cell('vms', 2, 'a\u0000b'),
  'a time beyond all years': cellOf('vms', 'updated_at', 9e15),
  'a guest on a node that is not there': cell('vms', 1, 'gone'),
  'a migration nobody knows': header(list => [...list, { name: '29990101000000_more', checksum: 'x' }]),
  'a migration with another text': header(list => list.map(one => ({ ...one, checksum: 'x' }))),
  'a later migration without the first': header(list => list.slice(1)),
  'no migrations': header(() => []),
  'migrations that are no list': header(() => ({ length: 1 })),
  'something behind the end': lines => [
    ...lines,
    '{"table":"notes","columns":[{"name":"key","type":"text"}]}',
  ],
  'no end': lines => lines.slice(0, -1),
  'another number of rows': lines => lines.with(-1, '{"end":true,"rows":1}'),
  'another version': lines => lines.with(0, lines[0]!.replace('"version":1', '"version":2')),
  'an endless line': lines => [...lines.slice(0, 1), `["${'x'.repeat(70_000_000)}"]`, ...lines.slice(1)],
  'no JSON': lines => lines.with(1, '{"table":'),
  'lines that are no objects': lines => lines.with(1, 'null'),
};

onBothEngines('a restore refuses, and leaves the store as it was', engine => {
  const folder = temporaryFolder();
  let url: string;
  let good: string;
  let before: unknown;
  let bytes: Buffer | undefined;
  /** On PostgreSQL, where a store that is open sees what any sees. */
  let reader: DatabaseStore | undefined;
  let files = 0;
  const newFile = () => join(folder.path(), `crafted-${engine.name}-${files++}`);
  const copies = () => join(folder.path(), `copies-${engine.name}`);
  const beside = () =>
    engine.name === 'sqlite' ? readdirSync(dirname(url.slice(5))).sort() : readdirSync(copies());

  beforeAll(async () => {
    mkdirSync(copies());
    url = await filled(engine);
    good = newFile();
    await backupStore(engine.options(url), good);
    before = await contentsNow();
    if (engine.name === 'sqlite') bytes = readFileSync(url.slice(5));
    else reader = await openStore(engine.options(url));
  });
  afterAll(() => reader?.close());

  const contentsNow = async () => {
    const store = await openStore(engine.options(url));
    return contents(store).finally(() => store.close());
  };
  const untouched = () =>
    bytes !== undefined &&
    readFileSync(url.slice(5)).equals(bytes) &&
    (statSync(`${url.slice(5)}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;

  /** Refused with one of our errors; nothing changed, nothing was left beside the store. */
  async function refused(file: string) {
    const there = beside();
    const error = await restoreStore({ ...engine.options(url), backupFolder: copies() }, file).catch(e => e);
    expect(error).toBeInstanceOf(MpcError);
    expect(`${error.message} ${error.hint}`).not.toMatch(/owned|CREATE/);
    const afterwards = beside().filter(name => !name.endsWith('.lock'));
    expect(afterwards.filter(name => !there.includes(name) && !/-before-restore$/.test(name))).toEqual([]);
    // The same bytes hold the same: only what is another file has to be read.
    if (!untouched()) expect(await (reader ? contents(reader) : contentsNow())).toEqual(before);
    if (engine.name === 'postgresql') {
      const owned = await withPostgres(url, connection =>
        connection.query(
          "SELECT 1 FROM pg_tables WHERE tablename = 'owned' UNION ALL SELECT 1 FROM pg_largeobject_metadata",
        ),
      );
      expect(owned.rows).toEqual([]);
    }
  }

  if (engine.name === 'sqlite')
    it.each(Object.entries(SQLITE))('%s', async (_what, sql) => {
      const file = newFile();
      copyFileSync(good, file);
      const crafted = new Database(file);
      crafted.unsafeMode(true);
      crafted.exec(sql);
      crafted.close();
      await refused(file);
    });
  else
    it.each(Object.entries(POSTGRESQL))('%s', async (_what, change) => {
      const lines = gunzipSync(readFileSync(good)).toString().trimEnd().split('\n');
      const file = newFile();
      writeFileSync(file, gzipSync(`${change(lines).join('\n')}\n`));
      expect(readFileSync(file).equals(readFileSync(good))).toBe(false);
      await refused(file);
    });

  it('a restore refuses what is no regular file', async () => {
    const [link, pipe] = [newFile(), newFile()];
    symlinkSync(good, link);
    execFileSync('mkfifo', [pipe]);
    for (const file of [link, pipe, folder.path(), '/dev/zero']) await refused(file);
  });

  it('a restore refuses a file cut short anywhere', async () => {
    const size = readFileSync(good).length;
    for (const part of [0, 0.01, 0.3, 0.7, 0.95]) {
      const file = newFile();
      copyFileSync(good, file);
      truncateSync(file, Math.floor(size * part));
      await refused(file);
      rmSync(file);
    }
  });

  if (engine.name === 'postgresql')
    it('a restore refuses what unfolds to a thousand times its size, in little memory', async () => {
      const file = newFile();
      const rows = times(150_000, 300_000);
      const [first] = gunzipSync(readFileSync(good)).toString().split('\n') as [string];
      const notes =
        '{"table":"notes","columns":[{"name":"key","type":"text"},{"name":"value","type":"text"}]}';
      // A thousand rows, and the same again: one gzipped text after another is a gzipped text.
      const block = gzipSync(`["k","${'v'.repeat(1000)}"]\n`.repeat(1_000), { level: 9 });
      const blocks = Array<Buffer>(rows / 1_000).fill(block);
      writeFileSync(file, Buffer.concat([gzipSync(`${first}\n${notes}\n`), ...blocks]));
      const memory = process.memoryUsage().rss;
      await refused(file);
      expect(process.memoryUsage().rss - memory).toBeLessThan(rows * 667);
    });

  it('a restore still takes the good file after all the others', async () => {
    await restoreStore({ ...engine.options(url), backupFolder: copies() }, good);
    expect(await contentsNow()).toEqual(before);
  });
});
