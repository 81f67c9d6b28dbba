import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './database-root.ts';

/** A migration a test adds, with the same SQL on both engines. */
export interface ExtraMigration {
  name: string;
  up: string;
  down?: string;
}

/** Another version of the program: its migrations and some more. Returns its package root. */
export async function packageWith(
  folder: string,
  extras: ExtraMigration[],
  more: { edit?: boolean } = {},
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(packageRoot, 'prisma'), join(folder, 'prisma'), { recursive: true });
  await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  for (const migrations of [
    join(folder, 'prisma/migrations'),
    join(folder, 'prisma/postgresql/migrations'),
  ]) {
    for (const { name, up, down } of extras) {
      await mkdir(join(migrations, name));
      await writeFile(join(migrations, name, 'migration.sql'), up);
      if (down !== undefined) await writeFile(join(migrations, name, 'down.sql'), down);
    }
    if (more.edit) {
      const first = (await readdir(migrations)).sort()[0]!;
      await writeFile(join(migrations, first, 'migration.sql'), '-- edited');
    }
  }
  return folder;
}
