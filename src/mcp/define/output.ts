import * as z from 'zod';

/**
 * One row of an answer. The server adds the fields about sources (as_of, source, stale, unseen), hints and paging. No schema
 * names these: the instructions explain them once for all tools, while each name in a schema would cost every conversation.
 */
export type Row = { [field: string]: unknown };

/** Rows of facts; the tool's description names their fields. */
export function rowsOutput(description: string) {
  return z.array(z.looseObject({})).describe(description);
}

/** The same for an answer that may have other rows instead. */
export function rowsInstead(description: string) {
  return z.array(z.looseObject({})).optional().describe(description);
}

/** Facts about one thing. */
export function objectOutput(description: string) {
  return z.looseObject({}).describe(description);
}

/** The same fields of an answer, each optional. */
export function partialOutput(fields: z.core.$ZodShape): z.core.$ZodShape {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, z.optional(field)]));
}
