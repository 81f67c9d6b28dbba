import { randomBytes } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, UsageError } from '../errors.ts';
import { createPrivate } from '../private-file.ts';

/** The marks of an earlier report. */
const OURS = ['<meta name="generator" content="proxmox-mpc">', '<!-- proxmox-mpc report -->'];
/** The mark is near the beginning (bytes). */
const LOOKED_AT = 4_096;

/**
 * Writes a report that only its owner may read, completely or not at all.
 * @throws UsageError if that would replace anything but an earlier report, unless `force`; always for what is no file
 */
export async function writeReport(path: string, text: string, { force }: { force: boolean }): Promise<void> {
  await refuseOthers(path, { force });
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
  const file = await createPrivate(beside).catch(error => {
    throw new UsageError(`${path} cannot be written (${errorCode(error)}).`, {
      hint: 'Name a file in a folder that exists and that you may write to.',
    });
  });
  try {
    await file.writeFile(text);
    await file.close();
    await rename(beside, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(beside, { force: true });
    throw error;
  }
}

/** @throws UsageError as `writeReport` would, before any work is done. */
export async function refuseOthers(path: string, { force }: { force: boolean }): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null) return;
  if (!there.isFile())
    throw new UsageError(`${path} is no plain file.`, {
      hint: 'Name a file, or leave --out away to write to standard output.',
    });
  if (force || there.size === 0 || (await isOurs(path))) return;
  throw new UsageError(`${path} is there already, and it is no report.`, {
    hint: 'Name another file, or add --force to replace it.',
  });
}

async function isOurs(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0);
    const start = buffer.subarray(0, bytesRead).toString('utf8');
    return OURS.some(mark => start.includes(mark));
  } finally {
    await file.close();
  }
}
