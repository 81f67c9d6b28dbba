import { MpcError, UsageError } from '../errors.ts';
import { type Credentials, parseToken } from '../proxmox/auth.ts';
import { quoted } from '../text/cluster-text.ts';
import type { OptionValues } from './options.ts';

/**
 * The way to log in that the options describe: a token, a token in two parts, or a user with a password, the first of them that
 * is begun. Null if none is.
 * @throws UsageError for an incomplete one, without any secret
 */
export function readCredentials(values: OptionValues): Credentials | null {
  const { token, tokenId, tokenSecret, tokenSecretFile, username, password } = values;
  if (token !== undefined) return checked('PROXMOX_TOKEN', token.trim());
  if (tokenSecret !== undefined && tokenSecretFile !== undefined) {
    throw new UsageError(
      'PROXMOX_TOKEN_SECRET and PROXMOX_TOKEN_SECRET_FILE are both set: keep one of them.',
    );
  }
  const secret = (tokenSecret ?? tokenSecretFile)?.trim();
  if (tokenId !== undefined && secret !== undefined)
    return checked('PROXMOX_TOKEN_ID with its secret', `${tokenId}=${secret}`);
  if (tokenId !== undefined)
    throw halfOf('PROXMOX_TOKEN_ID', 'PROXMOX_TOKEN_SECRET or PROXMOX_TOKEN_SECRET_FILE');
  if (secret !== undefined) throw halfOf('The secret of a token', 'PROXMOX_TOKEN_ID');
  if (username !== undefined && password !== undefined) return { username: checkedUser(username), password };
  if (username !== undefined) throw halfOf('PROXMOX_USERNAME', 'PROXMOX_PASSWORD');
  if (password !== undefined) throw halfOf('PROXMOX_PASSWORD', 'PROXMOX_USERNAME');
  return null;
}

/**
 * The complete token for writing; null if none is set, so that nothing is written.
 * @throws UsageError for an incomplete one, without any secret
 */
export function readWriteToken(values: OptionValues): string | null {
  const { writeTokenId: id, writeTokenSecret, writeTokenSecretFile } = values;
  if (writeTokenSecret !== undefined && writeTokenSecretFile !== undefined) {
    throw new UsageError(
      'PROXMOX_WRITE_TOKEN_SECRET and PROXMOX_WRITE_TOKEN_SECRET_FILE are both set: keep one of them.',
    );
  }
  const secret = (writeTokenSecret ?? writeTokenSecretFile)?.trim();
  if (id === undefined && secret === undefined) return null;
  if (secret === undefined)
    throw halfOf('PROXMOX_WRITE_TOKEN_ID', 'PROXMOX_WRITE_TOKEN_SECRET or PROXMOX_WRITE_TOKEN_SECRET_FILE');
  if (id === undefined) throw halfOf('The secret of a token that writes', 'PROXMOX_WRITE_TOKEN_ID');
  if (id.includes('='))
    throw new UsageError(
      'PROXMOX_WRITE_TOKEN_ID holds more than the id of a token. Example: PROXMOX_WRITE_TOKEN_ID=mcp@pve!write',
    );
  const name = 'PROXMOX_WRITE_TOKEN_ID with its secret';
  return checkedToken(name, `${id}=${secret}`, 'PROXMOX_WRITE_TOKEN_ID=mcp@pve!write');
}

function checked(name: string, token: string): Credentials {
  const example = 'PROXMOX_TOKEN=mpc@pve!mpc=12345678-90ab-cdef-1234-567890abcdef';
  return { token: checkedToken(name, token, example) };
}

function checkedToken(name: string, token: string, example: string): string {
  try {
    parseToken(token);
    return token;
  } catch (error) {
    const fault = error instanceof MpcError ? error.message.replace(/^.*?: /, '') : 'cannot be read';
    throw new UsageError(`${name}: ${fault}. Example: ${example}`);
  }
}

function checkedUser(username: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(username)) return username;
  throw new UsageError(
    `PROXMOX_USERNAME ${quoted(username)}: the realm is missing. Example: PROXMOX_USERNAME=mpc@pve`,
  );
}

function halfOf(given: string, missing: string): UsageError {
  return new UsageError(`${given} is set, but ${missing} is not: both are needed.`);
}
