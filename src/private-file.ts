import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/*
 * Files that are for one user alone. Modes are Unix's: on Windows a file's rights come from its folder, and nothing here
 * looks at them.
 */

/**
 * Opens a new file for writing that only its owner may read from its first byte on, whatever the umask. Neither follows a
 * link nor writes over anything: what stands at the path already is an error (EEXIST). Whoever asks closes it.
 */
export function createPrivate(path: string): Promise<FileHandle> {
  return open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
}

/** A file of this program that other users of the machine can get at. */
export interface Exposure {
  path: string;
  /** What others may do: `read` what is in it, `write` to it. */
  may: 'read' | 'write';
  /** The command that ends it. */
  mend: string;
}

/**
 * Which of these files and folders others may read or write; of a folder only that they may write counts. Missing ones are
 * fine.
 */
export async function exposuresOf(paths: readonly string[]): Promise<Exposure[]> {
  const found = await Promise.all(paths.map(exposureOf));
  return found.filter(one => one !== null);
}

async function exposureOf(path: string): Promise<Exposure | null> {
  if (process.platform === 'win32') return null;
  const seen = await stat(path).catch(() => null);
  if (seen === null) return null;
  const word = /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  // In a folder with the sticky bit, such as /tmp, nobody replaces another's file.
  const writable = (seen.mode & 0o022) !== 0 && (seen.isFile() || (seen.mode & 0o1000) === 0);
  if (writable) return { path, may: 'write', mend: `chmod go${seen.isFile() ? '-rwx' : '-w'} ${word}` };
  if (seen.isFile() && (seen.mode & 0o044) !== 0) return { path, may: 'read', mend: `chmod go-rwx ${word}` };
  return null;
}

/** An exposure in a sentence. */
export function exposureText({ path, may, mend }: Exposure): string {
  return `other users of this machine may ${may} ${path}, until you run ${mend}`;
}
