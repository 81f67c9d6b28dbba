import { randomUUID } from 'node:crypto';

/*
 * Prisma's client writes the values of a query out as JSON and parses them again before its adapter gets them, which
 * for a bulk write costs several copies of megabytes. So its text goes to the adapter beside the client, which sees a
 * ticket only.
 */

/** Nobody outside can name a ticket. */
const SECRET = randomUUID();
const checkedIn = new Map<string, string>();
let tickets = 0;

/** Does `work` with a ticket to hand the client as a query's value in place of a large text. */
export async function withParameter<T>(text: string, work: (ticket: string) => Promise<T>): Promise<T> {
  const ticket = `${SECRET}-${++tickets}`;
  checkedIn.set(ticket, text);
  try {
    return await work(ticket);
  } finally {
    checkedIn.delete(ticket);
  }
}

/** The text a value is the ticket of; any other value is itself. */
export function redeemed(value: unknown): unknown {
  return typeof value === 'string' && checkedIn.size > 0 ? (checkedIn.get(value) ?? value) : value;
}
