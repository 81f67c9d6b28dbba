import { lstat } from 'node:fs/promises';
import { DuplicateError } from '../errors.ts';

/** @throws DuplicateError when something stands at the path. */
export async function assertFree(path: string): Promise<void> {
  const taken = await lstat(path).then(
    () => true,
    () => false,
  );
  if (taken) throw new DuplicateError(`name (${path})`, { hint: 'Choose a file that does not exist yet.' });
}
