import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, UsageError } from '../../errors.ts';
import { createPrivate } from '../../private-file.ts';

/** What `init` appends to the name of a client's configuration for a copy; a number follows if that name is taken. */
export const BACKUP_ENDING = '.before-proxmox-mpc';

/** What was written, and where the previous file is kept. */
export interface Written {
  /** With links followed. */
  file: string;
  /** Null if there was no file. */
  backup: string | null;
  /** False if the file already contained everything. */
  changed: boolean;
}

/** A client may write its own file at any time, so the file is read again before it is replaced. */
const TRIES = 3;
/** With more copies than this, something is wrong. */
const COPIES_AT_MOST = 1_000;

/**
 * Replaces a file by what `edit` makes of its text ('' if there is none), in one step and with a copy of the old one next to it.
 * The file keeps its mode and owner; a new file, and each copy, is for its owner alone. Links are followed.
 * @throws whatever `edit` throws, and UsageError if there can be no such file, with nothing done
 */
export async function rewriteFile(path: string, edit: (text: string) => string): Promise<Written> {
  const file = await unlinked(path);
  for (let tries = 0; tries < TRIES; tries++) {
    const old = await readText(file);
    const text = edit(old ?? '');
    if (text === old) return { file, backup: null, changed: false };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}.tmp`;
    const handle = await createPrivate(draft);
    try {
      await handle.writeFile(text);
      const backup = old === null ? null : await keepOld(file, handle);
      await handle.close();
      if ((await readText(file)) !== old) continue;
      await rename(draft, file);
      return { file, backup, changed: true };
    } finally {
      await handle.close().catch(() => {});
      await rm(draft, { force: true });
    }
  }
  throw new UsageError(`${file} is being written by another program.`, {
    hint: 'Quit the client and try again.',
  });
}

/** Keeps a copy of the file, and gives the draft its mode and owner. */
async function keepOld(file: string, draft: FileHandle): Promise<string> {
  const source = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { mode, uid, gid } = await source.stat();
    const own = await draft.stat();
    const foreign = own.uid !== uid || own.gid !== gid;
    if (foreign) await draft.chown(uid, gid);
    await draft.chmod(mode & 0o777);
    const { handle, path } = await newCopy(file);
    try {
      await handle.writeFile(await source.readFile());
      if (foreign) await handle.chown(uid, gid);
      await handle.chmod(mode & 0o600);
    } finally {
      await handle.close();
    }
    return path;
  } finally {
    await source.close();
  }
}

/** A new file for a copy of this one, without overwriting an older copy. */
async function newCopy(file: string): Promise<{ handle: FileHandle; path: string }> {
  for (let count = 1; count <= COPIES_AT_MOST; count++) {
    const path = `${file}${BACKUP_ENDING}${count === 1 ? '' : `-${count}`}`;
    try {
      return { handle: await createPrivate(path), path };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
  throw new UsageError(`${file} has ${COPIES_AT_MOST} copies beside it.`, { hint: 'Remove the old ones.' });
}

/** The file a path leads to. @throws UsageError if that is no file, or a link leads nowhere. */
export async function unlinked(path: string): Promise<string> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return path;
  const file = await realpath(path).catch(() => null);
  if (file === null)
    throw new UsageError(`${path} is a link to a file that is not there.`, {
      hint: 'Make that file, remove the link, or name another file with --config-file.',
    });
  if (!(await lstat(file)).isFile())
    throw new UsageError(`${path} is no regular file.`, { hint: 'Name another one with --config-file.' });
  return file;
}

/** A file's text; null if there is none. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
