import {
  chmod,
  chown,
  copyFile,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../errors.ts';

/** What was written, and where the file as it was is kept. */
export interface Written {
  /** Links followed. */
  file: string;
  /** Null where there was no file. */
  backup: string | null;
  /** False where the file held all of it already. */
  changed: boolean;
}

/** A client may write its own file at any time: we look again before ours replaces it. */
const TRIES = 3;

/**
 * Replaces a file by what `edit` makes of its text ('' where there is none), at once and with a copy of the old one beside
 * it. The file keeps its mode and owner; a new one is for its owner alone. @throws whatever `edit` throws, with nothing done.
 */
export async function rewriteFile(path: string, edit: (text: string) => string): Promise<Written> {
  const file = await unlinked(path);
  for (let tries = 0; tries < TRIES; tries++) {
    const old = await readText(file);
    const text = edit(old ?? '');
    if (text === old) return { file, backup: null, changed: false };
    await mkdir(dirname(file), { recursive: true });
    const draft = `${file}.${process.pid}.tmp`;
    try {
      await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
      const backup = old === null ? null : await prepare(file, draft);
      if ((await readText(file)) !== old) continue;
      await rename(draft, file);
      return { file, backup, changed: true };
    } finally {
      await rm(draft, { force: true });
    }
  }
  throw new UsageError(`${file} is being written by another program.`, {
    hint: 'Quit the client and try again.',
  });
}

/** Keeps a copy of the file, and gives the draft its mode and owner. */
async function prepare(file: string, draft: string): Promise<string> {
  const { mode, uid, gid } = await stat(file);
  await chmod(draft, mode & 0o777);
  const own = await stat(draft);
  if (own.uid !== uid || own.gid !== gid) await chown(draft, uid, gid);
  const backup = `${file}.before-proxmox-mpc`;
  await copyFile(file, backup);
  return backup;
}

async function unlinked(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

/** A file's text; null where there is none. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
