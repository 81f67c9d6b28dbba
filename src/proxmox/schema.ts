import * as z from 'zod';
import { readFlag } from '../model/flag.ts';

/*
 * Proxmox answers are read leniently: fields nobody declared are kept, numbers may arrive as strings and strings
 * as numbers, and whatever may be missing in some version or for some token is optional. Only what somebody reads is
 * declared: a field nobody needs can then be at fault in no answer.
 */

/** A number, also when it arrives as a numeric string (`memory: "2048"`, `loadavg: "0.10"`). */
export const pveNumber = z.union([
  z.number(),
  z.string().transform((text, context) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    context.issues.push({ code: 'custom', input: text, message: 'Invalid input: expected a number' });
    return z.NEVER;
  }),
]);

/** A flag: 0/1 from the configuration side, true/false from QEMU and the guest agent, words by hand. Absent stays absent. */
export const pveBoolean = z.unknown().transform((value, context) => {
  const flag = readFlag(value);
  if (flag !== undefined) return flag;
  context.issues.push({ code: 'custom', input: value, message: 'Invalid input: expected a flag' });
  return z.NEVER;
});

/** A text; Perl may turn one that looks like a number (a VM named `123`) into a number. */
export const pveString = z.union([z.string(), z.number().transform(String)]);

const STARTS_WITH_LETTER = /^[a-z]/i;

/** A name PVE gives, such as a status, a config key or a storage: begins with a letter, and is never a number. */
export const pveWord = z.string().regex(STARTS_WITH_LETTER);

/** Any object, as it is: guest configurations, storage definitions and options have keys only PVE knows. */
export const pveObject = z.custom<Record<string, unknown>>(
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Invalid input: expected an object',
);

/** Reads the `data` of an answer into `T`; `onDropped` hears of every part that had to be left out. */
export interface AnswerSchema<T> {
  /** No data at all means this; undefined where it is no answer. */
  empty?: T;
  read(data: unknown, onDropped: (dropped: Dropped) => void): T;
}

/** A row or field that was left out, and why. `row` is the row's own name where it has one. */
export interface Dropped {
  what: 'row' | 'field';
  row: string | undefined;
  reason: string;
}

/** Thrown when an answer as a whole has another shape than declared; the client turns it into a ProxmoxError. */
export class AnswerShapeError extends Error {}

/**
 * An answer that is one object. A field of the wrong type is left out and reported. Reading it @throws AnswerShapeError
 * where a required one is missing.
 */
export function one<T>(schema: z.ZodType<T>): AnswerSchema<T> {
  return {
    read(data, onDropped) {
      const result = readLeniently(schema, data, onDropped);
      if (result.success) return result.data;
      throw new AnswerShapeError(reasonOf(result.error));
    },
  };
}

/**
 * An answer that is a list. One bad field costs that field and one bad row that row, never the list; both are
 * reported. Reading it @throws AnswerShapeError when no row is usable: an empty list would read as "everything is gone".
 */
export function rows<T>(schema: z.ZodType<T>): AnswerSchema<T[]> {
  const isPlain = plainRows(schema);
  return {
    read(data, onDropped) {
      if (!Array.isArray(data)) throw new AnswerShapeError(`expected a list, got ${typeof data}`);
      const kept: T[] = [];
      let reason = '';
      for (const row of data) {
        if (isPlain?.(row)) {
          kept.push(row as T);
          continue;
        }
        const result = readLeniently(schema, row, onDropped);
        if (result.success) kept.push(result.data);
        else {
          reason = reasonOf(result.error);
          onDropped({ what: 'row', row: nameOf(row), reason });
        }
      }
      if (kept.length === 0 && data.length > 0) throw new AnswerShapeError(`no usable row: ${reason}`);
      return kept;
    },
  };
}

/**
 * An answer that is a list in which each missing row would tell a lie: of a configuration or of snapshots, a dropped row
 * reads as a removal. One unusable row fails it.
 */
export function wholeList<T>(schema: z.ZodType<T>): AnswerSchema<T[]> {
  const isPlain = plainRows(schema);
  const { read } = one(z.array(schema));
  return {
    read: (data, onDropped) =>
      isPlain !== undefined && Array.isArray(data) && data.every(isPlain) ? data : read(data, onDropped),
  };
}

/**
 * The same list, where none may also come as `null`, `{}` or not at all. Only for what is kept current: elsewhere that
 * would read as a removal.
 */
export function mayBeEmpty<T>({ read }: AnswerSchema<T[]>): AnswerSchema<T[]> {
  return { empty: [], read: (data, onDropped) => (isNothing(data) ? [] : read(data, onDropped)) };
}

/** An answer inside an object that has it under one of these names, nested or not: the agent's `{result: [...]}`. */
export function wrapped<T>(names: readonly string[], inner: AnswerSchema<T>): AnswerSchema<T> {
  const unwrap = (data: unknown): unknown => {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
    const name = names.find(one => one in data);
    return name === undefined ? data : unwrap((data as Record<string, unknown>)[name]);
  };
  return { ...inner, read: (data, onDropped) => inner.read(unwrap(data), onDropped) };
}

function isNothing(data: unknown): boolean {
  return (
    data === null || (typeof data === 'object' && !Array.isArray(data) && Object.keys(data!).length === 0)
  );
}

/** Values of these types that need no conversion: the schema would hand them on as they are. */
const PLAIN = new Map<unknown, (value: unknown) => boolean>([
  [pveNumber, value => typeof value === 'number' && Number.isFinite(value)],
  [pveString, value => typeof value === 'string'],
  [pveWord, value => typeof value === 'string' && STARTS_WITH_LETTER.test(value)],
]);

/**
 * A quick look whether a row is already what the schema would make of it, but for flags sent as 0/1, which it sets
 * right in place: of ten thousand rows nearly all are, and copying them costs more than parsing the answer. Undefined
 * for schemas of another kind; where it says no, the schema decides.
 */
export function plainRows(schema: z.ZodType): ((row: unknown) => boolean) | undefined {
  if (!(schema instanceof z.ZodObject) || !(schema.def.catchall instanceof z.ZodUnknown)) return undefined;
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, of]) => {
    const optional = of instanceof z.ZodOptional;
    const type = optional ? of.unwrap() : of;
    const fits = type instanceof z.ZodUnknown ? () => true : PLAIN.get(type);
    return { name, optional, flag: type === pveBoolean, fits };
  });
  if (fields.some(({ flag, fits }) => !flag && fits === undefined)) return undefined;
  return row => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return false;
    const values = row as Record<string, unknown>;
    for (const { name, optional, flag, fits } of fields) {
      const value = values[name];
      if (value === undefined) {
        if (!optional) return false;
      } else if (fits !== undefined) {
        if (!fits(value)) return false;
      } else if (flag && (value === 0 || value === 1)) values[name] = value === 1;
      else if (typeof value !== 'boolean') return false;
    }
    return true;
  };
}

/** Parses; on failure tries once more without the fields at fault, for a wrong field should not hide its resource. */
function readLeniently<T>(schema: z.ZodType<T>, value: unknown, onDropped: (dropped: Dropped) => void) {
  const first = schema.safeParse(value);
  if (first.success || typeof value !== 'object' || value === null || Array.isArray(value)) return first;
  const atFault = new Set(first.error.issues.map(issue => issue.path[0]));
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !atFault.has(key)));
  const second = schema.safeParse(rest);
  if (!second.success) return first;
  for (const issue of first.error.issues)
    onDropped({ what: 'field', row: nameOf(value), reason: issueText(issue) });
  return second;
}

function reasonOf(error: z.ZodError): string {
  return error.issues.slice(0, 3).map(issueText).join('; ');
}

function issueText(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}

/** What a row calls itself, so that a reader of the list knows which resource it did not see. */
function nameOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const { id, upid, volid, vmid, storage, node, name } = row as Record<string, unknown>;
  const found = [id, upid, volid, vmid, storage, node, name].find(
    value => typeof value === 'string' || typeof value === 'number',
  );
  return found === undefined ? undefined : String(found).slice(0, 200);
}
