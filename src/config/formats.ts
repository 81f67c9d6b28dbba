import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseTarget } from '../database/options.ts';
import { errorCode, MpcError } from '../errors.ts';
import { LOCK_TAG, WRITE_KINDS, type WriteKind, type WriteScope } from '../model/writing.ts';

/** Expands a path as people write it: hosts start programs without a shell that would expand `~`. */
export function expandHome(path: string): string {
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}

function readText(path: string): string {
  try {
    return readFileSync(expandHome(path), 'utf8');
  } catch (error) {
    const code = errorCode(error);
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'may not be read'
          : `cannot be read (${code})`;
    throw new Error(`the file ${why}`);
  }
}

/** The text of a PEM file with certificates. @throws Error saying why it cannot be used, without its path */
export function pemFile(path: string): string {
  const pem = readText(path);
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new Error('the file holds no PEM certificate');
}

/** The only word of a file with a secret. @throws Error if there is none, without any of the content */
export function secretFile(path: string): string {
  const secret = readText(path).trim();
  if (secret === '') throw new Error('the file is empty');
  if (/\s/.test(secret)) throw new Error('the file holds more than one word');
  return secret;
}

/** A store's address. @throws Error saying what is wrong, without the address, which may contain a password */
export function databaseUrl(url: string): string {
  const expanded = url.replace(/^file:(~[/\\].*)$/i, (_, path: string) => `file:${expandHome(path)}`);
  try {
    parseTarget({ url: expanded });
  } catch (error) {
    throw new Error(
      error instanceof MpcError
        ? error.message.replace(/^DATABASE_URL /, '').replace(/\.$/, '')
        : 'cannot be read',
    );
  }
  return expanded;
}

/** An IANA time zone known to this Node.js, in its usual spelling. @throws Error for any other text */
export function timeZone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new Error('is no IANA time zone');
  }
}

/** A kind of change, ignoring case. @throws Error naming the kinds there are */
export function writeKind(word: string): WriteKind {
  const kind = WRITE_KINDS.find(one => one === word.toLowerCase());
  if (kind === undefined) throw new Error(`must be some of ${WRITE_KINDS.join(', ')}`);
  return kind;
}

/** The guests that may be written to: `tag:NAME` or `pool:NAME`. @throws Error saying what is wrong */
export function writeScope(text: string): WriteScope {
  const [, word = '', name = ''] = /^(tag|pool):(.*)$/i.exec(text) ?? [];
  // As Proxmox VE accepts them: tags are in lower case, the parts of a nested pool are separated by slashes.
  if (word.toLowerCase() === 'tag' && /^[a-z0-9_][a-z0-9_.+-]*$/i.test(name)) {
    if (name.toLowerCase() === LOCK_TAG)
      throw new Error(`could never let anything be written: guests with the tag ${LOCK_TAG} never are`);
    return { tag: name.toLowerCase() };
  }
  if (word.toLowerCase() === 'pool' && /^[a-z0-9._-]+(?:\/[a-z0-9._-]+){0,2}$/i.test(name))
    return { pool: name };
  throw new Error('must be one tag or one pool, as in tag:lab or pool:dev');
}
