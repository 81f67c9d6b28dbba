import * as z from 'zod';
import { nearest } from '../../history/resource-name.ts';

/*
 * Input fields as models really send them: numbers as strings, lists as text with commas, booleans as words. The schema that
 * a host shows is plain; a step before it is lenient.
 */

const SECONDS_MAX = 31_536_000;

/** An optional argument, for which models may send null or an empty text when they mean to omit it. */
function optional<T extends z.ZodType>(read: (value: unknown) => unknown, schema: T, description: string) {
  const given = (value: unknown) => (value === null || value === '' ? undefined : read(value));
  return z.preprocess(given, schema.optional()).optional().describe(description);
}

function asText(value: unknown): unknown {
  const isList =
    Array.isArray(value) && value.every(one => typeof one === 'string' || typeof one === 'number');
  return typeof value === 'number' || isList ? String(value) : value;
}

/** Whether a text is free of U+0000 and unpaired surrogates: no name in a cluster contains them, and no store can keep them. */
export function isWritable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

const UNWRITABLE = 'holds U+0000 or half of a surrogate pair, as no name does';
const words = () => z.string().min(1).max(500).refine(isWritable, UNWRITABLE);

/** Text; a number becomes its digits, a list its members separated by commas. */
export function text(description: string) {
  return optional(asText, words(), description);
}

/** A node by its name, also written `node/pve1` as in answers. */
export function nodeText(description: string) {
  const read = (value: unknown) =>
    typeof value === 'string' ? value.trim().replace(/^nodes?\//i, '') : asText(value);
  return optional(read, words(), description);
}

/** Required text. */
export function requiredText(description: string) {
  return z.preprocess(asText, words()).describe(description);
}

/** Required text of limited length, with line breaks kept. */
export function longText(description: string, atMost: number) {
  return z.string().min(1).max(atMost).refine(isWritable, UNWRITABLE).describe(description);
}

/** One of several words, ignoring case; synonyms are accepted. */
export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
  synonyms: { [word: string]: T[number] } = {},
) {
  const read = (value: unknown) => {
    const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
    return typeof word === 'string' && Object.hasOwn(synonyms, word) ? synonyms[word] : word;
  };
  return optional(read, z.enum(values), description);
}

/** The words of fields whose schema does not list them, for shell completion. */
const suggestions = z.registry<{ words: readonly string[] }>();

/** The words that a field made by `word` accepts; undefined for other fields. */
export function suggestedWords(schema: unknown): readonly string[] | undefined {
  return suggestions.get(schema as z.ZodType)?.words;
}

/**
 * As `choice`, for too many words to list in the schema, which every conversation pays for: `description` names the usual ones.
 */
export function word(
  values: readonly string[],
  description: string,
  { synonyms = {}, others = [] }: { synonyms?: { [word: string]: string }; others?: readonly string[] } = {},
) {
  const read = (value: unknown) => {
    const given = typeof value === 'string' ? value.trim().toLowerCase() : value;
    return typeof given === 'string' && Object.hasOwn(synonyms, given) ? synonyms[given] : given;
  };
  const known = z.string().refine(one => values.includes(one) || others.includes(one), {
    error: ({ input }) => {
      const near = nearWords(String(input), values);
      const all = `expected one of ${values.join(', ')}`;
      if (near.length === 0) return all;
      const meant = `did you mean ${near.join(' or ')}?`;
      return values.length > LISTED_BESIDE_NEAR ? meant : `${all}; ${meant}`;
    },
  });
  const schema = optional(read, known, description);
  suggestions.add(schema, { words: values });
  return schema;
}

/** Where a similar word is suggested, at most this many words are listed with it. */
const LISTED_BESIDE_NEAR = 12;

/**
 * Words made of the same parts in another order; if there are none, words spelled similarly; if none, words that share a part.
 */
function nearWords(asked: string, values: readonly string[]): string[] {
  const wordsOf = (text: string) => text.split(/[\s_-]+/).map(one => one.replace(/s$/, ''));
  const wanted = wordsOf(asked.toLowerCase());
  const having = (fits: (words: string[]) => boolean) => values.filter(value => fits(wordsOf(value)));
  const all = having(own => wanted.every(one => own.includes(one)));
  const near = all.length > 0 ? all : nearest(asked, values);
  return (near.length > 0 ? near : having(own => wanted.some(one => own.includes(one)))).slice(0, 5);
}

/** A whole number within bounds; digits in a string are accepted. */
export function whole(minimum: number, maximum: number, description: string) {
  const read = (value: unknown) =>
    typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
  return optional(read, z.int().min(minimum).max(maximum), description);
}

/** A yes or no; "true", "yes", 1 and their opposites are accepted. */
export function flag(description: string) {
  const words: ReadonlyMap<string, boolean> = new Map([
    ['true', true],
    ['yes', true],
    ['1', true],
    ['false', false],
    ['no', false],
    ['0', false],
  ]);
  const read = (value: unknown) => words.get(String(value).trim().toLowerCase()) ?? value;
  return optional(read, z.boolean(), description);
}

/** Several of a few words; a string with commas is accepted. */
export function several<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  const read = (value: unknown) => {
    const parts = typeof value === 'string' ? value.split(/[,\s]+/) : value;
    return Array.isArray(parts)
      ? parts.map(part => String(part).trim().toLowerCase()).filter(part => part !== '')
      : parts;
  };
  return optional(read, z.array(z.enum(values)), description);
}

const TEXTS_AT_MOST = 40;

/** Several texts; a text may be split by `separator`, or contain a JSON array. */
export function texts(description: string, separator?: RegExp) {
  const read = (value: unknown) => {
    const parts = typeof value === 'string' ? (jsonTexts(value) ?? [value]) : value;
    const list = Array.isArray(parts) ? parts : [parts];
    return list
      .flatMap(part => (typeof part === 'string' && separator ? part.split(separator) : [part]))
      .map(part => (typeof part === 'boolean' ? String(part) : asText(part)))
      .filter(part => part !== '');
  };
  return optional(read, z.array(z.string().max(2_000).refine(isWritable)).max(TEXTS_AT_MOST), description);
}

function jsonTexts(value: string): unknown[] | undefined {
  if (!value.trimStart().startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Which resources a declaration or a plan is about. */
export const selectorArguments = {
  resource: text('vm/101 or a name.'),
  type: word(['vm', 'container', 'storage'], 'vm, container, storage.', {
    synonyms: { qemu: 'vm', lxc: 'container', ct: 'container' },
  }),
  name: text('As web-*.'),
  tag: text('Its tag.'),
  pool: text('Its pool.'),
  node: nodeText('Its node.'),
};

/** Arguments of every tool that reads. */
export const readArguments = {
  max_age_seconds: whole(0, SECONDS_MAX, '0 refreshes.'),
  detail: choice(['concise', 'full'], 'full: more.'),
};

/** The direction of a sort. */
export function orderArgument() {
  return choice(['asc', 'desc'], 'Order.');
}

/** Where an answer in pages continues. */
export function cursorArgument() {
  return optional(value => value, z.string().max(4_000), 'next_cursor.');
}

/** Arguments of every answer in pages. A cursor carries the call's arguments and may be long. */
export const pageArguments = {
  limit: whole(1, 500, 'Default 50.'),
  cursor: cursorArgument(),
};

/** Arguments of every list. */
export function listArguments<const T extends readonly [string, ...string[]]>(sorts: T) {
  return {
    sort: choice(sorts, `Default ${sorts[0]}.`),
    order: orderArgument(),
    ...pageArguments,
    ...readArguments,
  };
}
