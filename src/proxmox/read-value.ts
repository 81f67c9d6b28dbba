import * as z from 'zod';
import { isObject } from '../model/state.ts';
import { markShort, markUnread } from './unread.ts';
import { leafOf } from './values.ts';

/** How many elements of a list within a row are read: no guest has more addresses, and each costs time. */
const ELEMENTS_AT_MOST = 1_000;

/** Why a value cannot be used: the path of the field at fault, without list positions, and what was expected. */
export class Fault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }

  /** The same fault, named from the enclosing value. */
  within(name: string): Fault {
    return new Fault(`${name}${/^[:[]/.test(this.reason) ? '' : '.'}${this.reason}`);
  }
}

/**
 * Reads a value, in place if it is an object or a list: only the smallest part at fault is left out and reported. Time and memory
 * are bounded by the size of the value, whatever is wrong with it.
 */
export type Read = (value: unknown, report: (fault: Fault) => void) => unknown;

/** How deep objects and lists may be nested: no answer is half as deep. */
const DEEPEST = 16;

/**
 * Leaves out of an answer's object or row whatever is nested deeper than anybody reads, declared or not, and reports it, so that
 * what was read can safely be walked by recursion.
 */
export function limitDepth(value: unknown, report: (fault: Fault) => void): void {
  if (!isObject(value)) return;
  for (const name in value) {
    const child = value[name];
    if (isNested(child) && prune(child, DEEPEST - 2))
      report(new Fault(`${name}: nested deeper than ${DEEPEST} levels`));
  }
}

/** Keeps `room` levels below this one. Returns whether anything was removed. */
function prune(value: object, room: number): boolean {
  const nested = Object.values(value).filter(isNested);
  if (room > 0) return nested.filter(child => prune(child, room - 1)).length > 0;
  if (nested.length === 0) return false;
  if (Array.isArray(value)) {
    value.length = 0;
    markShort(value, 'short');
    return true;
  }
  for (const [name, child] of Object.entries(value)) {
    if (!isNested(child)) continue;
    delete (value as Record<string, unknown>)[name];
    markUnread(value, name);
  }
  return true;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Makes the reader for a declared type. @throws Error for a type that answers are not declared with. */
export function readerOf(type: z.ZodType): Read {
  const leaf = leafOf(type);
  if (leaf !== undefined) {
    const fault = new Fault(`: expected ${leaf.expected}`);
    return value => leaf.read(value) ?? fault;
  }
  if (type instanceof z.ZodUnknown) return value => value;
  if (type instanceof z.ZodNullable) {
    const read = readerOf(type.unwrap() as z.ZodType);
    return (value, report) => (value === null ? null : read(value, report));
  }
  if (type instanceof z.ZodObject) return readObject(type);
  if (type instanceof z.ZodArray) return readArray(readerOf(type.element as z.ZodType));
  if (type instanceof z.ZodRecord) return readRecord(readerOf(type.valueType as z.ZodType));
  throw new Error(`answers are not declared with ${type.constructor.name}`);
}

const NO_OBJECT = new Fault(': expected an object');
const NO_LIST = new Fault(': expected a list');

function readObject(type: z.ZodObject): Read {
  const fields = Object.entries(type.shape as Record<string, z.ZodType>).map(([name, of]) => {
    const optional = of instanceof z.ZodOptional;
    const own = optional ? (of.unwrap() as z.ZodType) : of;
    const leaf = leafOf(own);
    const fault = new Fault(`${name}: expected ${leaf?.expected}`);
    return { name, optional, plain: leaf?.read, fault, read: readerOf(own) };
  });
  return (value, report) => {
    if (!isObject(value)) return NO_OBJECT;
    for (const { name, optional, plain, fault, read } of fields) {
      const given = value[name];
      if (given === undefined) {
        if (!optional) return new Fault(`${name}: missing`);
        continue;
      }
      // Nearly all values in ten thousand rows are plain and valid.
      const found = plain === undefined ? nested(read, name, given, report) : (plain(given) ?? fault);
      if (found === given) continue;
      if (!(found instanceof Fault)) value[name] = found;
      else if (!optional) return found;
      else {
        delete value[name];
        markUnread(value, name);
        report(found);
      }
    }
    return value;
  };
}

function nested(read: Read, name: string, value: unknown, report: (fault: Fault) => void): unknown {
  const found = read(value, fault => report(fault.within(name)));
  return found instanceof Fault ? found.within(name) : found;
}

function readArray(read: Read): Read {
  return (value, report) => {
    if (!Array.isArray(value)) return NO_LIST;
    let kept = 0;
    const inside = (fault: Fault) => report(fault.within('[]'));
    const end = Math.min(value.length, ELEMENTS_AT_MOST);
    for (let at = 0; at < end; at++) {
      const found = read(value[at], inside);
      if (found instanceof Fault) inside(found);
      else value[kept++] = found;
    }
    if (end < value.length) report(new Fault(`[]: only the first ${ELEMENTS_AT_MOST} were read`));
    if (kept < value.length) {
      markShort(value, end < value.length ? 'cut' : 'short');
      value.length = kept;
    }
    return value;
  };
}

function readRecord(read: Read): Read {
  return (value, report) => {
    if (!isObject(value)) return NO_OBJECT;
    for (const [name, given] of Object.entries(value)) {
      const found = read(given, report);
      if (found instanceof Fault) {
        delete value[name];
        markUnread(value, name);
        report(found.within('{}'));
      } else value[name] = found;
    }
    return value;
  };
}
