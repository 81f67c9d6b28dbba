import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describeError, errorCode, MpcError } from '../errors.ts';
import type { DeclaredFile } from '../mcp/define/declaring.ts';

/** A file changed less than this ago may still be in the middle of being written (ms). */
const SETTLED_MS = 500;
/** How often a file that is being written is read before giving up, and the time in between (ms). */
const LOOKS = 8;
const BETWEEN_MS = 250;

/** The declared file at this path. It is not read while it is being written: its text must be stable first. */
export function declaredFile(path: string): DeclaredFile {
  const name = basename(path);
  return {
    name,
    read: async () => {
      try {
        return await settledText(path, name);
      } catch (error) {
        if (error instanceof MpcError) throw error;
        const gone = errorCode(error) === 'ENOENT';
        throw new MpcError(
          'declared-file',
          gone ? `${name} is not there any more.` : `${name} cannot be read: ${describeError(error)}.`,
          { hint: `Put it back where PROXMOX_MPC_DECLARATION names it.` },
        );
      }
    },
  };
}

async function settledText(path: string, name: string): Promise<string> {
  let before = '';
  for (let look = 0; look < LOOKS; look++) {
    const { mtimeMs } = await stat(path);
    const text = await readFile(path, 'utf8');
    const settled = Math.abs(Date.now() - mtimeMs) > SETTLED_MS;
    if (text.trim() !== '' && (settled || (look > 0 && text === before))) return text;
    if (settled)
      throw new MpcError('declared-file', `${name} is empty.`, {
        hint: 'Write rules: [] into it to declare nothing.',
      });
    before = text;
    await wait(BETWEEN_MS);
  }
  throw new MpcError('declared-file', `${name} is being written.`, { hint: 'Ask again in a moment.' });
}
