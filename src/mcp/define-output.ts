import * as z from 'zod';

/** One row of an answer. */
export type Row = { [field: string]: unknown };

/** Rows of facts; their fields are described by the tool. */
export function rowsOutput(description: string) {
  return z.array(z.looseObject({})).describe(description);
}

/** Facts of one thing. */
export function objectOutput(description: string) {
  return z.looseObject({}).describe(description);
}

/** What every answer says it rests on; written by the server. */
export const provenance = {
  as_of: z.any().optional().describe('When the facts were read from Proxmox.'),
  source: z.string().optional().describe('live, or store when a refresh failed.'),
  stale: z.looseObject({}).optional().describe('Since when and why the answer is older than asked.'),
  unseen: z.array(z.looseObject({})).optional().describe('What could not be seen, and why.'),
  hint: z.string().optional().describe('What to do next.'),
};

/** What every list adds. */
export const paging = {
  total: z.int().describe('Rows that match, all pages together.'),
  next_cursor: z.string().optional().describe('Pass as cursor for the next page.'),
};
