import { UsageError } from '../errors.ts';
import { oneLine } from './proxmox-error.ts';

const EXAMPLE = 'https://pve.example.com:8006';

/**
 * The API's base from what people write: `https://host:8006`, `host`, with or without `/api2/json`.
 * Without a port 8006 is meant. @throws UsageError, which never repeats a password.
 */
export function parseBaseUrl(text: string): URL {
  const trimmed = text.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (trimmed === '' || !URL.canParse(withScheme)) {
    throw new UsageError(`'${shown(trimmed)}' is not an address of a Proxmox VE node`, {
      hint: `Write it as ${EXAMPLE}.`,
    });
  }
  const url = new URL(withScheme);
  if (url.protocol !== 'https:') {
    throw new UsageError(
      `'${shown(trimmed)}' does not start with https://: Proxmox VE answers over HTTPS only`,
      {
        hint: `Write it as ${EXAMPLE}.`,
      },
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('The address holds a user or password', {
      hint: 'Give a token by PROXMOX_TOKEN instead.',
    });
  }
  // URL drops an explicit 443 as the scheme's default; only when nothing was written is 8006 meant.
  if (url.port === '' && !/^https:\/\/(\[[^\]]*\]|[^/:]*):443(\/|$)/i.test(withScheme)) url.port = '8006';
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/api2(\/json)?$/, '')}/api2/json`;
  url.search = '';
  url.hash = '';
  return url;
}

function shown(text: string): string {
  return oneLine(text.replace(/\/\/[^/@]*@/, '//***@'), 200);
}
