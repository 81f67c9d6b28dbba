import { hostname } from 'node:os';

/** For whom this process runs: `1000@host`. */
export function thisPerson(): string {
  return `${process.getuid?.() ?? process.env['USERNAME']}@${hostname()}`;
}
