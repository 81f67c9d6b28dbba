import * as z from 'zod';

/*
 * Input fields as models really send them: numbers as strings, lists as comma text, booleans as words. The schema a
 * host shows stays plain; the leniency happens in a step before it.
 */

const SECONDS_MAX = 31_536_000;

/** Text; a number is taken as its digits. */
export function text(description: string) {
  return z
    .preprocess(value => (typeof value === 'number' ? String(value) : value), z.string().min(1).max(500))
    .optional()
    .describe(description);
}

/** Text that must be there. */
export function requiredText(description: string) {
  return z
    .preprocess(value => (typeof value === 'number' ? String(value) : value), z.string().min(1).max(500))
    .describe(description);
}

/** One of several words, case ignored. */
export function choice<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z
    .preprocess(value => (typeof value === 'string' ? value.trim().toLowerCase() : value), z.enum(values))
    .optional()
    .describe(description);
}

/** A whole number within bounds; digits in a string will do. */
export function whole(minimum: number, maximum: number, description: string) {
  return z
    .preprocess(
      value => (typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value),
      z.int().min(minimum).max(maximum),
    )
    .optional()
    .describe(description);
}

/** A yes or no; "true", "yes", 1 and their opposites will do. */
export function flag(description: string) {
  const words: { [word: string]: boolean } = {
    true: true,
    yes: true,
    '1': true,
    false: false,
    no: false,
    '0': false,
  };
  return z
    .preprocess(value => words[String(value).trim().toLowerCase()] ?? value, z.boolean())
    .optional()
    .describe(description);
}

/** Several of a few words; a comma list in a string will do. */
export function several<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z
    .preprocess(
      value => {
        const parts = typeof value === 'string' ? value.split(/[,\s]+/) : value;
        return Array.isArray(parts)
          ? parts.map(part => String(part).trim().toLowerCase()).filter(part => part !== '')
          : parts;
      },
      z.array(z.enum(values)),
    )
    .optional()
    .describe(description);
}

/** The argument that says how old an answer's facts may be. */
export const maxAgeArgument = {
  max_age_seconds: whole(0, SECONDS_MAX, 'Accept facts this old; 0 refreshes. Default 30.'),
};

/** Arguments of every tool that reads. */
export const readArguments = {
  ...maxAgeArgument,
  detail: choice(['concise', 'full'], 'full: usage and more fields.'),
};

/** The direction of a sort. */
export function orderArgument() {
  return choice(['asc', 'desc'], 'Sort direction.');
}

/** Arguments of every answer in pages. A cursor carries the call's arguments and may be long. */
export const pageArguments = {
  limit: whole(1, 500, 'Page size, default 50.'),
  cursor: z.string().min(1).max(4_000).optional().describe('next_cursor, to go on.'),
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
