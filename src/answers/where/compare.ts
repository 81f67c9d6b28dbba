import { UsageError } from '../../errors.ts';
import { isSpan, parseMoment } from '../../history/moment.ts';
import { namePattern } from '../../history/name-pattern.ts';
import { nearest } from '../../history/resource-name.ts';
import type { Effective, ValueKind } from '../../model/config/index.ts';
import { readFlag } from '../../model/flag.ts';
import { quoted } from '../format/text.ts';
import type { Field } from './field.ts';
import type { Operator } from './operators.ts';

/** The present, or the moment looked at (ms), and the IANA zone of dates. */
export interface Clock {
  now: number;
  timeZone: string;
}

type Compared = Pick<
  Field<never>,
  'name' | 'kind' | 'unit' | 'words' | 'synonyms' | 'same' | 'alsoCalled' | 'secret'
>;
type Test = (value: Exclude<Effective, null>) => boolean;

const EQUALITY: readonly Operator[] = ['=', '!='];
const ORDER: readonly Operator[] = ['<', '>', '<=', '>='];

/** The operators that fit each kind of value. */
export const FITTING: Readonly<Record<ValueKind, readonly Operator[]>> = {
  flag: EQUALITY,
  text: [...EQUALITY, '~'],
  list: [...EQUALITY, '~'],
  number: [...EQUALITY, ...ORDER],
  span: [...EQUALITY, ...ORDER],
  time: [...EQUALITY, ...ORDER],
  version: [...EQUALITY, '~', ...ORDER],
};

const EXAMPLE: Readonly<Record<ValueKind, (name: string) => string>> = {
  flag: name => `${name}=1, !${name}`,
  text: name => `${name}=x, ${name}~part`,
  list: name => `${name}=x, ${name}~part`,
  number: name => `${name}>8`,
  span: name => `${name}>7d`,
  time: name => `${name}>7d (older), ${name}<2026-11-01`,
  version: name => `${name}<8.2`,
};

/**
 * A test for values that are present. It holds if any of `values` fits; `!=` holds if `=` does not.
 * @throws UsageError if the operator or a value does not fit the field, with an example of what does
 */
export function comparison(
  field: Compared,
  operator: Operator,
  values: readonly string[],
  clock: Clock,
): Test {
  const refuse: Refuse = (what, example) =>
    new UsageError(`where: ${what}.`, {
      hint: `Example: ${example ?? (field.words ? `${field.name}=${field.words[0]}` : EXAMPLE[field.kind](field.name))}.`,
    });
  if (field.secret)
    throw new UsageError(`where: of ${field.name} nothing is kept but that it is there.`, {
      hint: `Example: ${field.name}, !${field.name}.`,
    });
  if (!FITTING[field.kind].includes(operator))
    throw refuse(`${operator} does not fit ${field.name}, which is a ${WORDS[field.kind]}`);
  const positive = operator === '!=' ? '=' : operator;
  const tests = values.map(value => oneTest(field, positive, value, clock, refuse));
  const any: Test = value => tests.some(test => test(value));
  return operator === '!=' ? value => !any(value) : any;
}

const WORDS: Readonly<Record<ValueKind, string>> = {
  flag: 'yes or no',
  text: 'text',
  list: 'list',
  number: 'number',
  span: 'length of time',
  time: 'time',
  version: 'version',
};

/** `example`: what was probably meant, if that can be told. */
type Refuse = (what: string, example?: string) => UsageError;

function oneTest(field: Compared, operator: Operator, asked: string, clock: Clock, refuse: Refuse): Test {
  switch (field.kind) {
    case 'flag':
      return flagTest(field, asked, refuse);
    case 'number':
      return numberTest(operator, numberOf(field, asked, refuse));
    case 'span':
      return numberTest(operator, secondsOf(field, asked, clock, refuse));
    case 'time':
      return timeTest(field, operator, asked, clock, refuse);
    case 'version':
      return versionTest(operator, asked);
    default:
      return textTest(field, operator, asked, refuse);
  }
}

function flagTest({ name }: Compared, asked: string, refuse: Refuse): Test {
  const wanted = asked === '' ? undefined : (ENABLED.get(asked.toLowerCase()) ?? readFlag(asked));
  if (wanted === undefined) throw refuse(`${name} is yes or no, not ${quoted(asked)}`);
  return value => value === wanted;
}

const ENABLED: ReadonlyMap<string, boolean> = new Map([
  ['enabled', true],
  ['disabled', false],
]);

function numberTest(operator: Operator, wanted: number): Test {
  return value => typeof value === 'number' && ordered(operator, value - wanted);
}

function ordered(operator: Operator, difference: number): boolean {
  switch (operator) {
    case '<':
      return difference < 0;
    case '>':
      return difference > 0;
    case '<=':
      return difference <= 0;
    case '>=':
      return difference >= 0;
    default:
      return difference === 0;
  }
}

const IN_MIB: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1024 ** 2, P: 1024 ** 3 };

/** The least memory that Proxmox accepts (`qm`, `pct`; MiB): a smaller number was meant in another unit. */
const LEAST_MIB = 16;

/** A number in the field's own unit; sizes may also be written `8G` or `512MiB`. */
function numberOf({ name, unit }: Compared, asked: string, refuse: Refuse): number {
  const match = /^([+-]?\d{1,15}(?:\.\d{1,9})?)\s*(?:([kmgtp])(?:i?b)?|%)?$/i.exec(asked);
  const [, digits, size] = match ?? [];
  const isSize = unit === 'MiB' || unit === 'GiB';
  if (digits === undefined || (size !== undefined && !isSize) || (asked.endsWith('%') && unit !== 'percent'))
    throw refuse(`${name} is a number${unit ? ` (${unit})` : ''}, not ${quoted(asked)}`);
  if (size === undefined && unit === 'MiB' && Number(digits) > 0 && Number(digits) < LEAST_MIB)
    throw refuse(`${name} is in MiB, and no guest has as little as ${digits} MiB`, `${name}>${digits}G`);
  if (size === undefined) return Number(digits);
  return (Number(digits) * IN_MIB[size.toUpperCase()]!) / (unit === 'GiB' ? 1024 : 1);
}

function secondsOf({ name }: Compared, asked: string, { now, timeZone }: Clock, refuse: Refuse): number {
  if (/^\d{1,12}$/.test(asked)) return Number(asked);
  if (!isSpan(asked)) throw refuse(`${name} is a length of time such as 7d or 90m, not ${quoted(asked)}`);
  const moment = parseMoment(asked, { now, timeZone, edge: 'start' });
  return moment.kind === 'time' ? (now - moment.at) / 1000 : 0;
}

/** A span is an age, so that more is earlier; anything else is a moment, a date its whole day. */
function timeTest(field: Compared, operator: Operator, asked: string, clock: Clock, refuse: Refuse): Test {
  const age = isSpan(asked);
  if (age && operator === '=')
    throw refuse(`${field.name}=${asked} names no moment: ask for older (>) or younger (<)`);
  const start = timeOf(field, asked, 'start', clock, refuse);
  const end = timeOf(field, asked, 'end', clock, refuse);
  if (age) return value => typeof value === 'number' && ordered(operator, start - value);
  if (operator === '=')
    return value => typeof value === 'number' && start <= value && value <= Math.max(end, start + 999);
  const edge = operator === '>' || operator === '<=' ? end : start;
  return value => typeof value === 'number' && ordered(operator, value - edge);
}

function timeOf(
  { name }: Compared,
  asked: string,
  edge: 'start' | 'end',
  clock: Clock,
  refuse: Refuse,
): number {
  let moment: ReturnType<typeof parseMoment> | null = null;
  try {
    moment = parseMoment(asked, { ...clock, edge });
  } catch {
    // The refusal below says what a moment may be.
  }
  if (moment?.kind !== 'time')
    throw refuse(`${name} is a time: ${quoted(asked)} is neither an age (7d) nor a date (2026-11-20)`);
  return moment.at;
}

/** Compares only as many numbers as the asked version has: 8.2.4 equals 8.2, and is not above it. */
function versionTest(operator: Operator, asked: string): Test {
  if (operator === '~') return value => String(value).toLowerCase().includes(asked.toLowerCase());
  const wanted = numbersIn(asked);
  return value => {
    const found = numbersIn(String(value));
    const at = wanted.findIndex((number, index) => number !== (found[index] ?? 0));
    return ordered(operator, at === -1 ? 0 : (found[at] ?? 0) - wanted[at]!);
  };
}

function numbersIn(version: string): number[] {
  return [...version.matchAll(/\d{1,9}/g)].map(([digits]) => Number(digits));
}

function textTest(field: Compared, operator: Operator, asked: string, refuse: Refuse): Test {
  const { words, synonyms = {}, alsoCalled = {}, same } = field;
  const folded = asked.toLowerCase();
  const wanted = Object.hasOwn(synonyms, folded) ? synonyms[folded]! : folded;
  if (operator === '=' && words !== undefined && !words.includes(wanted) && !asked.includes('*')) {
    const near = nearest(wanted, words);
    const hint =
      near.length > 0 ? `: ${near.join(' or ')}, perhaps` : `, but ${words.slice(0, 8).join(', ')}`;
    throw refuse(`${field.name} is never ${quoted(asked)}${hint}`);
  }
  if (operator === '~' && /^\^|\$$/.test(asked))
    throw refuse(
      `${field.name}~ finds a part, or with * a pattern of all of it, and takes no regular expression`,
      `${field.name}~${asked
        .replace(/^(?!\^)/, '*')
        .replace(/(?<!\$)$/, '*')
        .replace(/^\^|\$$/g, '')
        .replaceAll('.*', '*')
        .replace(/\*+/g, '*')}`,
    );
  // No name contains a star, so a star means a pattern.
  const isPattern = operator === '~' || asked.includes('*');
  const fits = isPattern ? namePattern(asked) : (value: string) => value.toLowerCase() === wanted;
  const test = (value: string) => {
    const known = Object.hasOwn(alsoCalled, value) ? [value, ...alsoCalled[value]!] : [value];
    return known.some(one => fits(one)) || (operator === '=' && same?.(value, wanted) === true);
  };
  return value => (Array.isArray(value) ? value.some(one => test(String(one))) : test(String(value)));
}
