import * as z from 'zod';

/**
 * One row of an answer. What every answer rests on (as_of, source, stale, unseen), its hint and its paging are written by
 * the server, and no schema names them: the instructions explain them once for all tools, and each name would cost every
 * conversation.
 */
export type Row = { [field: string]: unknown };

/** Rows of facts; their fields are described by the tool. */
export function rowsOutput(description: string) {
  return z.array(z.looseObject({})).describe(description);
}

/** The same of an answer that may have other rows instead. */
export function rowsInstead(description: string) {
  return z.array(z.looseObject({})).optional().describe(description);
}

/** Facts of one thing. */
export function objectOutput(description: string) {
  return z.looseObject({}).describe(description);
}

/** The same fields of an answer, each of which may be missing. */
export function partialOutput(fields: z.core.$ZodShape): z.core.$ZodShape {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, z.optional(field)]));
}
