import { join, raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { Session } from '../session/session.ts';
import type { Table } from './columns.ts';
import { withParameter } from './large-parameters.ts';
import { encodeRows, quoted } from './rows.ts';

/** What happens to a row whose key exists already. */
export type OnConflict = 'update' | 'ignore' | 'fail';

/** Writes rows with one statement. @throws ValidationError before anything is written. */
export async function insertRows<E>(
  session: Session,
  table: Table<E>,
  rows: readonly E[],
  onConflict: OnConflict,
): Promise<void> {
  const { dialect } = session;
  const names = table.written.map(quoted).join(', ');
  const cells = table.written.map((of, n) => dialect.cell(n, of.kind)).join(', ');
  const head = raw(`INSERT INTO ${table.name} (${names}) SELECT ${cells}`);
  const tail = raw(conflictClause(table, onConflict));
  for (const text of encodeRows(table, table.written, rows, session.now())) {
    await withParameter(text, ticket =>
      session.write(db => db.$executeRaw(sql`${head} ${dialect.rowsFrom(ticket)} ${tail}`)),
    );
  }
}

function conflictClause<E>(table: Table<E>, onConflict: OnConflict): string {
  if (onConflict === 'fail') return '';
  const keys = table.key.map(quoted);
  const updated = table.written
    .map(of => ({ ...of, name: quoted(of) }))
    .filter(of => !of.insertOnly && !keys.includes(of.name));
  if (onConflict === 'ignore' || updated.length === 0) return `ON CONFLICT (${keys.join(', ')}) DO NOTHING`;
  const sets = updated.map(of => `${of.name} = excluded.${of.name}`);
  return `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${sets.join(', ')}`;
}

/** Sets some fields of existing rows with one statement, and in all of them the times in `same`. Missing rows are ignored. */
export async function updateRows<E>(
  session: Session,
  table: Table<E>,
  fields: readonly (keyof E & string)[],
  rows: readonly E[],
  same: { [K in keyof E]?: number } = {},
): Promise<void> {
  const { dialect } = session;
  const columns = [...table.key, ...table.columns.filter(of => of.key !== null && fields.includes(of.key))];
  const cells = columns.map((of, n) => `${dialect.cell(n, of.kind)} AS ${quoted(of)}`).join(', ');
  const sets = columns.slice(table.key.length).map(of => raw(`${quoted(of)} = source.${quoted(of)}`));
  for (const of of table.columns) {
    const at = of.key === null ? undefined : same[of.key];
    if (at !== undefined) sets.push(sql`${raw(quoted(of))} = ${dialect.time(at)}`);
  }
  const match = table.key.map(of => `${table.name}.${quoted(of)} = source.${quoted(of)}`);
  for (const text of encodeRows(table, columns, rows, session.now())) {
    await withParameter(text, ticket => {
      const source = sql`(SELECT ${raw(cells)} ${dialect.rowsFrom(ticket)}) AS source`;
      const update = sql`UPDATE ${raw(table.name)} SET ${join(sets)} FROM ${source} WHERE ${raw(match.join(' AND '))}`;
      return session.write(db => db.$executeRaw(update));
    });
  }
}

/** Deletes the rows with these keys with one statement; keys without a row are ignored. */
export async function deleteRows<E>(session: Session, table: Table<E>, keys: readonly E[]): Promise<void> {
  const { dialect } = session;
  const names = table.key.map(quoted).join(', ');
  const cells = table.key.map((of, n) => dialect.cell(n, of.kind)).join(', ');
  for (const text of encodeRows(table, table.key, keys, session.now())) {
    await withParameter(text, ticket => {
      const chosen = sql`(SELECT ${raw(cells)} ${dialect.rowsFrom(ticket)})`;
      return session.write(db =>
        db.$executeRaw(sql`DELETE FROM ${raw(table.name)} WHERE (${raw(names)}) IN ${chosen}`),
      );
    });
  }
}
