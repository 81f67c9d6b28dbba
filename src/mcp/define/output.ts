import * as z from 'zod';

/** One row of an answer. */
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

/**
 * What every answer says it rests on (as_of, source, stale, unseen) and its hint are written by the server. No schema names
 * them: the server's instructions explain them once for all tools, and each name would cost every conversation.
 */
export const provenance = {};

/** What every list adds: total and next_cursor, of which the instructions tell as well. */
export const paging = {};

/** What a list adds whose rows may be out of sight: how many of `total` are, of which the rows say since when and why. */
export const unseenPaging = {};
