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

/** Arguments of every tool that reads. */
export const readArguments = {
  max_age_seconds: whole(0, SECONDS_MAX, 'Accept knowledge this old; 0 forces a refresh. Default 30.'),
  detail: choice(['concise', 'full'], 'full adds usage and the age of each facet.'),
};

/** Arguments of every list. */
export function listArguments<const T extends readonly [string, ...string[]]>(sorts: T) {
  return {
    sort: choice(sorts, `Sort by. Default ${sorts[0]}.`),
    order: choice(['asc', 'desc'], 'Direction of the sort.'),
    limit: whole(1, 500, 'Rows per page. Default 50.'),
    cursor: text('next_cursor of the previous page; repeat the other arguments unchanged.'),
    ...readArguments,
  };
}
