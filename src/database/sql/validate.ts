import { MAX_BYTES, MAX_INT, MAX_TIME } from '../../model/limits.ts';
import { ValidationError } from '../errors.ts';
import type { Column } from './columns.ts';

// U+0000 and halves of surrogate pairs: PostgreSQL cannot keep them, and SQLite would keep them half.
// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what is looked for
const UNSTORABLE = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const UNSTORABLE_ESCAPED = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

function numberRule(of: Column, value: unknown, max: number): string | undefined {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return 'must be a whole number';
  return value < of.min || value > max ? `must be between ${of.min} and ${max}` : undefined;
}

function textRule(of: Column, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be text';
  if (of.oneOf && !of.oneOf.includes(value)) return `must be one of ${of.oneOf.join(', ')}`;
  if (value.length > of.maxLength) return `must not be longer than ${of.maxLength} characters`;
  return UNSTORABLE.test(value) ? 'must not contain U+0000 or half a surrogate pair' : undefined;
}

function jsonRule(of: Column, written: string | undefined): string | undefined {
  if (written === undefined) return 'must be a JSON value';
  if (written.length > of.maxLength) return `must not be longer than ${of.maxLength} characters as JSON`;
  return written.includes('\\u') && UNSTORABLE_ESCAPED.test(written)
    ? 'must not contain U+0000 or half a surrogate pair'
    : undefined;
}

function ruleBroken(of: Column, value: unknown, cell: unknown): string | undefined {
  switch (of.kind) {
    case 'text':
      return textRule(of, value);
    case 'int':
      return numberRule(of, value, MAX_INT);
    case 'bytes':
      return numberRule(of, value, MAX_BYTES);
    case 'time':
      return numberRule(of, value, MAX_TIME);
    case 'real':
      return typeof value === 'number' && Number.isFinite(value) && value >= of.min
        ? undefined
        : `must be a number not below ${of.min}`;
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'json':
    case 'small json':
      return jsonRule(of, cell as string | undefined);
  }
}

/** Whether a column holds JSON, in its own type or as text. */
export function isJson({ kind }: Pick<Column, 'kind'>): boolean {
  return kind === 'json' || kind === 'small json';
}

/**
 * The value as a cell of a JSON row: JSON columns as their text, everything else unchanged.
 * @throws ValidationError when it breaks a rule of the column.
 */
export function toCell(of: Column, name: string, value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) {
    if (of.nullable) return null;
    if (of.orJsonNull && value === null) return 'null';
    throw new ValidationError(name, 'must not be empty');
  }
  const cell = isJson(of) ? JSON.stringify(value) : value;
  const broken = ruleBroken(of, value, cell);
  if (broken) throw new ValidationError(name, broken);
  // -0 is no JSON number, and engines disagree on it.
  return (cell === 0 ? 0 : cell) as string | number | boolean;
}

/** A number from the database as a safe integer. @throws ValidationError beyond 2^53. */
export function safeInteger(name: string, value: number | bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new ValidationError(name, 'is beyond 2^53 and cannot be read exactly');
  return number;
}
