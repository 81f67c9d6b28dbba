import { randomUUID } from 'node:crypto';

/*
 * Prisma's client serialises a query's values to JSON and parses them again before its adapter gets them, which for a
 * bulk write costs several copies of megabytes. So large texts bypass the client, which only sees a ticket.
 */

/** Makes tickets impossible to guess. */
const SECRET = randomUUID();
const checkedIn = new Map<string, string>();
let tickets = 0;

/** Runs `work` with a ticket that stands for a large text as a query's value. */
export async function withParameter<T>(text: string, work: (ticket: string) => Promise<T>): Promise<T> {
  const ticket = `${SECRET}-${++tickets}`;
  checkedIn.set(ticket, text);
  try {
    return await work(ticket);
  } finally {
    checkedIn.delete(ticket);
  }
}

/** The text that a ticket stands for; any other value is returned as it is. */
export function redeemed(value: unknown): unknown {
  return typeof value === 'string' && checkedIn.size > 0 ? (checkedIn.get(value) ?? value) : value;
}
