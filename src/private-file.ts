import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/*
 * Files for one user alone. Modes are those of Unix: on Windows a file's permissions come from its folder, and are not checked
 * here.
 */

/**
 * Creates a file that only its owner may read, right from its first byte and whatever the umask. Neither follows a link nor
 * overwrites anything: something already at the path is an error (EEXIST). The caller closes it.
 */
export function createPrivate(path: string): Promise<FileHandle> {
  return open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
}

/** A file of this program that other users of the machine can access. */
export interface Exposure {
  path: string;
  /** What others may do: `read` its content, or `write` to it. */
  may: 'read' | 'write';
  /** The command that corrects it. */
  mend: string;
}

/**
 * Which of these files and folders others may read or write; a folder only counts if they may write to it. Missing ones are fine.
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
  // In a folder with the sticky bit, such as /tmp, nobody can replace another user's file.
  const writable = (seen.mode & 0o022) !== 0 && (seen.isFile() || (seen.mode & 0o1000) === 0);
  if (writable) return { path, may: 'write', mend: `chmod go${seen.isFile() ? '-rwx' : '-w'} ${word}` };
  if (seen.isFile() && (seen.mode & 0o044) !== 0) return { path, may: 'read', mend: `chmod go-rwx ${word}` };
  return null;
}

/** An exposure in a sentence. */
export function exposureText({ path, may, mend }: Exposure): string {
  return `other users of this machine may ${may} ${path}, until you run ${mend}`;
}
