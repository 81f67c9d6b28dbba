import { MpcError, UsageError } from '../errors.ts';
import { type Credentials, parseToken } from '../proxmox/auth.ts';
import { quoted } from '../text/cluster-text.ts';
import type { OptionValues } from './options.ts';

/**
 * The one way to log in that the options describe: a token, a token in two parts, or a user with a password, the
 * first of them that is begun. Null where none is. @throws UsageError for half a way, without any secret in it.
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

function checked(name: string, token: string): Credentials {
  try {
    parseToken(token);
    return { token };
  } catch (error) {
    const fault = error instanceof MpcError ? error.message.replace(/^.*?: /, '') : 'cannot be read';
    throw new UsageError(
      `${name}: ${fault}. Example: PROXMOX_TOKEN=mpc@pve!mpc=12345678-90ab-cdef-1234-567890abcdef`,
    );
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
