import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { migrateStore, storeStatus } from '../../../src/database/maintenance/index.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { noLog } from '../../../src/log.ts';
import { packageRoot, temporaryFolder } from '../../support/database-engine.ts';
import { packageWith } from '../../support/database-package.ts';

const MORE = [
  {
    name: '29990101000000_more',
    up: 'CREATE TABLE added (id INTEGER PRIMARY KEY);\n',
    down: 'DROP TABLE added;\n',
  },
  {
    name: '29990102000000_most',
    up: 'CREATE TABLE added_too (id INTEGER PRIMARY KEY);\n',
    down: 'DROP TABLE added_too;\n',
  },
];

/** As a process leaves it that dies inside this migration. */
const interrupt = (path: string, name: string) =>
  withConnection(
    path,
    connection =>
      void connection.exec(
        `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${name}'; DELETE FROM notes`,
      ),
  );

describe('several migrations at once, interrupted in the last one', () => {
  const folder = temporaryFolder();

  it('a populated store is put back from the backup that was taken before the first of them', async () => {
    const root = await packageWith(join(folder.path(), 'newer'), MORE);
    const path = join(folder.path(), 'populated.db');
    const options = { url: `file:${path}`, packageRoot, log: noLog };
    const store = await openStore(options);
    await store.saveNote('k', 'v');
    await store.close();
    expect(await migrateStore({ ...options, packageRoot: root })).toEqual(MORE.map(one => one.name));
    await interrupt(path, MORE[1]!.name);
    const again = await openStore({ ...options, packageRoot: root });
    expect(await again.note('k')).toBe('v');
    await again.close();
    expect(await storeStatus({ ...options, packageRoot: root })).toMatchObject({ schema: 'current' });
  });

  it('a store that never held anything begins again', async () => {
    const root = await packageWith(join(folder.path(), 'fresh'), MORE);
    const path = join(folder.path(), 'fresh.db');
    const options = { url: `file:${path}`, packageRoot: root, log: noLog };
    await (await openStore(options)).close();
    await interrupt(path, MORE[1]!.name);
    await (await openStore(options)).close();
    expect(await storeStatus(options)).toMatchObject({ schema: 'current' });
  });
});
