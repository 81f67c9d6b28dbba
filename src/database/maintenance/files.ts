import { access, constants, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuplicateError, StorePermissionError } from '../errors.ts';

/**
 * Makes sure that a file can be created. @throws DuplicateError when something is at the path, StorePermissionError when nothing
 * can be written there.
 */
export async function assertFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found !== null) throw taken(path);
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new StorePermissionError(`${path} cannot be written.`, {
      hint: 'Choose a file in a folder that exists and that you may write.',
      cause,
    });
  });
}

/** The error for a path that exists already. */
export function taken(path: string): DuplicateError {
  return new DuplicateError(`${path} exists already.`, { hint: 'Choose a file that does not exist yet.' });
}
