import { constants } from 'node:fs';
import { access, lstat, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../errors.ts';
import { createPrivate } from '../../private-file.ts';
import { DatabaseOptionsError, MissingError, NotADatabaseError, StorePermissionError } from '../errors.ts';
import { translateError } from '../translate-error.ts';

const MAGIC = 'SQLite format 3\0';

/** What is at a store's path. */
export type FileState = 'absent' | 'empty' | 'sqlite';

/**
 * Inspects a store's file without changing it.
 * @throws NotADatabaseError, StorePermissionError or DatabaseOptionsError when no store can be there.
 */
export async function inspectFile(path: string, { writable = true } = {}): Promise<FileState> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ENOTDIR')
      throw new StorePermissionError(`A part of the path ${path} is not a folder.`, { cause: error });
    throw new StorePermissionError(`The path ${path} cannot be looked at.`, { cause: error });
  });
  if (!stat) return 'absent';
  if (stat.isDirectory())
    throw new NotADatabaseError(`${path} is a folder.`, {
      hint: `Name a file in it, such as file:${path}/store.db.`,
    });
  if (stat.isSymbolicLink()) {
    throw new DatabaseOptionsError(`${path} is a symbolic link.`, { hint: 'Name the file it points to.' });
  }
  if (!stat.isFile()) throw new NotADatabaseError(`${path} is not a regular file.`);
  if (writable) await assertWritable(path, stat.mode);
  if (stat.size === 0) return 'empty';
  if (!(await startsLikeSqlite(path))) throw new NotADatabaseError(`${path} is not a SQLite database.`);
  return 'sqlite';
}

/** Inspects the file of a store that should exist. @throws MissingError, and what `inspectFile` throws. */
export async function assertStore(path: string): Promise<void> {
  if ((await inspectFile(path)) === 'absent') throw new MissingError(`There is no store at ${path}.`);
}

async function assertWritable(path: string, mode: number): Promise<void> {
  const refused = await access(path, constants.R_OK | constants.W_OK).then(
    () => undefined,
    (error: Error) => error,
  );
  // The administrator may write to any file; one without any write bit is meant to stay as it is.
  if (refused || (mode & 0o222) === 0) {
    throw new StorePermissionError(`${path} may not be written.`, { cause: refused });
  }
}

async function startsLikeSqlite(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return bytesRead === MAGIC.length && buffer.toString('latin1') === MAGIC;
  } finally {
    await file.close();
  }
}

/**
 * Creates an empty file that only its owner may read, and the folders above it. Leaves an existing file alone.
 * @throws StorePermissionError, DiskFullError, and what `inspectFile` throws.
 */
export async function createFile(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await (await createPrivate(path)).close();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') {
      const state = await inspectFile(path).catch(translateError);
      if (!(state instanceof Error)) return;
      throw state;
    }
    if (code === 'ENOSPC' || code === 'EDQUOT') throw translateError(error);
    throw new StorePermissionError(`${path} cannot be created.`, { cause: error });
  }
}

/** Node's own recursive mkdir never returns where a folder exists but allows no new ones, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}
