import * as z from 'zod';
import { describeError } from '../errors.ts';

/** The chapters of docs/configuration.md. */
export type OptionGroup = 'Proxmox' | 'Writing' | 'Store' | 'Discovery' | 'Program';

/** One option: everything about it for parsing, `--help` and docs/configuration.md. */
export interface OptionDefinition<Value = unknown> {
  group: OptionGroup;
  /** Environment variables; the first one that is set counts. */
  env: readonly string[];
  /** Flag without its dashes. Secrets have none, since other users can read a process's arguments. */
  flag?: string;
  /** The placeholder for the value in help texts. */
  placeholder: string;
  /** Reads the text a person wrote. */
  schema: z.ZodType<Value, string>;
  /** What applies when nothing is set, in words. */
  fallback: string;
  help: string;
  example: string;
  /** The value never appears in any output. */
  secret?: boolean;
  /** The value names a file with a secret, which nobody else should be able to read. */
  secretFile?: boolean;
}

/** Declares an option; the type of its value follows from its schema. */
export function option<Value>(definition: OptionDefinition<Value>): OptionDefinition<Value> {
  return definition;
}

/** A schema from a function that throws what is wrong with the text. */
export function parsed<Value>(read: (text: string) => Value): z.ZodType<Value, string> {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: describeError(error) });
      return z.NEVER;
    }
  });
}

/** Any text, as it is. */
export const text: z.ZodType<string, string> = parsed(value => value);

/** A number within bounds. */
export function number(minimum: number, maximum: number, { whole = true } = {}): z.ZodType<number, string> {
  return parsed(text => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) return value;
    throw new Error(`must be a ${whole ? 'whole number' : 'number'} from ${minimum} to ${maximum}`);
  });
}

const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0']);

/** A yes or no. */
export const yesOrNo: z.ZodType<boolean, string> = parsed(text => {
  if (TRUE.has(text.toLowerCase())) return true;
  if (FALSE.has(text.toLowerCase())) return false;
  throw new Error('must be true or false');
});

/** One of several words, ignoring case. */
export function oneOf<const Word extends string>(...words: Word[]): z.ZodType<Word, string> {
  return parsed(text => {
    const word = words.find(one => one === text.toLowerCase());
    if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`);
    return word;
  });
}

/** Several values separated by commas. */
export function list<Value>(read: (text: string) => Value): z.ZodType<Value[], string> {
  return parsed(text => {
    const parts = text.split(',').map(part => part.trim());
    const values = parts.filter(part => part !== '').map(read);
    if (values.length === 0) throw new Error('holds no value');
    return values;
  });
}
