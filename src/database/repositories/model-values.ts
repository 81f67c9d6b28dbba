import type { Column } from '../sql/columns.ts';
import { reasonFromCell } from '../sql/reason-cell.ts';
import { safeInteger, toCell } from '../sql/validate.ts';

/** A checked value in the client's form: Date for times, BigInt for bytes. @throws ValidationError */
export function toModel(of: Column & { db: string }, table: string, value: unknown): unknown {
  const cell = toCell(of, `${table}.${of.db}`, value);
  if (cell === null) return null;
  if (of.kind === 'time') return new Date(cell as number);
  if (of.kind === 'bytes') return BigInt(cell as number);
  return of.kind === 'json' ? value : cell;
}

/** A value of the client's in the form entities have. */
export function fromModel(of: Column & { db: string }, value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (of.kind === 'small json') return value === null ? null : reasonFromCell(value as string);
  return typeof value === 'bigint' ? safeInteger(of.db, value) : value;
}
