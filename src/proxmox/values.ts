import * as z from 'zod';
import { readFlag } from '../model/flag.ts';
import {
  LONGEST,
  LONGEST_CONFIG_VALUE,
  MAX_BYTES,
  MAX_INT,
  MAX_TIME,
  MAX_UPTIME_S,
  MAX_VMID,
} from '../model/limits.ts';
import { parseUpid } from '../model/upid.ts';

/*
 * The kinds of values in answers, each with everything it may be: a value that does not fit counts as not seen. Each kind
 * is bounded by what the store can hold, so that no value that comes through here can fail a commit. Numbers may arrive as
 * strings and strings as numbers.
 */

/** How one kind of value is read. */
export interface Leaf<T = unknown> {
  /** The value as it is meant; undefined for anything else. */
  read(value: unknown): T | undefined;
  /** What it must be, completing `expected ...`. */
  expected: string;
  /** The kind of JSON value it really is, for tests that try the other kinds. */
  kind: 'number' | 'text' | 'flag' | 'object';
}

const leaves = new WeakMap<object, Leaf>();

/** How a type of this file is read; undefined for other types. */
export function leafOf(type: z.ZodType): Leaf | undefined {
  return leaves.get(type);
}

function leaf<T>(kind: Leaf['kind'], expected: string, read: (value: unknown) => T | undefined) {
  const type = z.unknown().transform((value, context) => {
    const found = read(value);
    if (found !== undefined) return found;
    context.issues.push({ code: 'custom', input: value, message: `expected ${expected}` });
    return z.NEVER;
  }) as unknown as z.ZodType<T>;
  leaves.set(type, { read, expected, kind });
  return type;
}

function number(expected: string, min: number, max: number, whole: boolean) {
  return leaf('number', expected, value => {
    const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof found !== 'number' || !Number.isFinite(found) || found < min || found > max) return undefined;
    // -0 is no JSON number; databases treat it differently.
    return whole && !Number.isInteger(found) ? undefined : found === 0 ? 0 : found;
  });
}

function word(expected: string, longest: number, pattern?: RegExp) {
  return leaf('text', expected, value =>
    typeof value === 'string' && value.length <= longest && (pattern === undefined || pattern.test(value))
      ? value
      : undefined,
  );
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** A share or a measure, such as a load, or a number of processors, which a limit may make fractional. */
export const pveAmount = number('a number from 0 to 2^31', 0, MAX_INT, false);
/** A whole number, such as a count of nodes or failures. */
export const pveCount = number('a whole number from 0 to 2^31', 0, MAX_INT, true);
/** A number of bytes. */
export const pveBytes = number('a whole number of bytes from 0 to 2^53', 0, MAX_BYTES, true);
/** An average of bytes, or of bytes per second. */
export const pveMeasure = number('a number from 0 to 2^53', 0, MAX_BYTES, false);
/** How long something has been running, in seconds. */
export const pveUptime = number('whole seconds from 0 to 30 years', 0, MAX_UPTIME_S, true);
/** A moment in seconds since 1970. */
export const pveMoment = number('whole seconds between 1970 and 9999', 0, Math.floor(MAX_TIME / 1000), true);
/** When something was made, in seconds since 1970; 0 is not a valid time. */
export const pveMadeAt = number('whole seconds between 1970 and 9999', 1, Math.floor(MAX_TIME / 1000), true);
/** The number of a guest. */
export const pveVmid = number('a VMID', 1, MAX_VMID, true);

/** A flag: 0/1 from configurations, true/false from QEMU and the guest agent, words written by hand. Absent stays absent. */
export const pveBoolean = leaf('flag', 'a flag', readFlag);

/** A flag that may also be a count: 1 for deleted, 2 for deleted by force. */
export const pveFlagOrCount = leaf('flag', 'a flag or a small number', value => {
  const count = Number(value);
  return readFlag(value) ?? (Number.isInteger(count) && count > 1 && count <= MAX_INT ? true : undefined);
});

/** A text. Perl may send one that looks like a number (a VM named `123`) as a number. */
export const pveString = leaf('text', `a text of at most ${LONGEST.text} characters`, value => {
  const text = asText(value);
  return text !== undefined && text.length <= LONGEST.text ? text : undefined;
});

/** Prose of any length, such as how a task ended: cut, since its beginning says enough. */
export const pveProse = leaf('text', 'a text', value => asText(value)?.slice(0, LONGEST.text).toWellFormed());

/** A name that rows refer to each other by, such as that of a node or a pool. */
export const pveId = leaf('text', `a name of at most ${LONGEST.id} characters`, value => {
  const text = asText(value);
  return text !== undefined && text !== '' && text.length <= LONGEST.id ? text : undefined;
});

/** A name defined by PVE, such as a status, a config key or a storage: begins with a letter, never a number. */
export const pveWord = word(`a word of at most ${LONGEST.word} characters`, LONGEST.word, /^[a-z]/i);

/** The name of a node or of the cluster, never a number. */
export const pveHost = word(`a host name of at most ${LONGEST.id} characters`, LONGEST.id, /^[a-z0-9]/i);

/** What high availability calls a guest: `vm:100`. */
export const pveHaService = word('a service such as vm:100', LONGEST.word, /^(?:vm|ct):[1-9]\d{0,8}$/);

/** A release such as `9.0.3`. */
export const pveVersion = word('a version', LONGEST.word, /^\d+\.\d/);

/** The SHA-256 of a certificate as PVE shows it. */
export const pveFingerprint = word('a SHA-256 fingerprint', 95, /^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/i);

/** The identifier of a task. */
export const pveUpid = leaf('text', 'a UPID', value => {
  if (typeof value !== 'string' || value.length > LONGEST.upid) return undefined;
  const upid = parseUpid(value);
  return upid === null ||
    upid.type.length > LONGEST.word ||
    upid.id.length > LONGEST.id ||
    upid.node.length > LONGEST.id
    ? undefined
    : value;
});

/** The value of a key whose type only PVE knows: a text, a number or a flag. */
export const pveScalar = leaf(
  'text',
  `a text of at most ${LONGEST_CONFIG_VALUE} characters or a number`,
  readScalar,
);

/** The value of an option without a schema; undefined if it is neither text, number nor flag. */
export function readScalar(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  return typeof value === 'string' && value.length <= LONGEST_CONFIG_VALUE ? value : undefined;
}

/** Any object, unchanged: options and privileges have keys that only PVE knows. */
export const pveObject = leaf('object', 'an object', value =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined,
);
