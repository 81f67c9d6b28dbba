import { hostname } from 'node:os';

/** The user this process runs for: `1000@host`. */
export function thisPerson(): string {
  return `${process.getuid?.() ?? process.env['USERNAME']}@${hostname()}`;
}
