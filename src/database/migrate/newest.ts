import { MigrationFailedError } from '../errors.ts';
import { assertOurs, type History } from './history.ts';
import type { Migration } from './migrations.ts';

/** The newest applied migration, which a rollback undoes. @throws MigrationFailedError when there is nothing to undo. */
export function newestApplied(history: History, known: Migration[]): Migration & { down: string } {
  assertOurs(history);
  const name = history.applied.toSorted().at(-1);
  const migration = known.find(candidate => candidate.name === name);
  if (!migration)
    throw new MigrationFailedError('There is no migration to roll back.', { hint: 'The store is empty.' });
  if (migration.down === null) {
    throw new MigrationFailedError(`The migration ${migration.name} has no way back.`, {
      hint: 'Restore a backup instead.',
    });
  }
  return { ...migration, down: migration.down };
}
