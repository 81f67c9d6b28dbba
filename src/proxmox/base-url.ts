import { isIPv6 } from 'node:net';
import { UsageError } from '../errors.ts';
import { oneLine } from './proxmox-error.ts';

const EXAMPLE = 'https://pve.example.com:8006';

/**
 * The API's base URL from what people write: `https://host:8006`, `host`, `2001:db8::1`, with or without `/api2/json`.
 * The port is 8006 unless given. @throws UsageError, which never repeats a password.
 */
export function parseBaseUrl(text: string): URL {
  const trimmed = text.trim();
  const withScheme = bracketed(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (trimmed === '' || !URL.canParse(withScheme)) {
    throw new UsageError(`'${shown(trimmed)}' is not an address of a Proxmox VE node`, {
      hint: `Write it as ${EXAMPLE}; an IPv6 address stands in brackets, https://[2001:db8::1]:8006.`,
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
    throw new UsageError(
      'The address holds a user or password, which belong into PROXMOX_TOKEN or PROXMOX_PASSWORD',
      {
        hint: 'Give a token by PROXMOX_TOKEN instead.',
      },
    );
  }
  // URL drops an explicit 443 as the default of https; 8006 is meant only where no port was written.
  if (url.port === '' && !/^https:\/\/(\[[^\]]*\]|[^/:]*):443(\/|$)/i.test(withScheme)) url.port = '8006';
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/api2(\/json)?$/, '')}/api2/json`;
  url.search = '';
  url.hash = '';
  return url;
}

/**
 * The text with an IPv6 address in brackets, as URLs need it.
 * @throws UsageError where its last group could just as well be a port, or for an address with a zone, which URLs cannot hold.
 */
function bracketed(text: string): string {
  const [, scheme = '', authority = '', rest = ''] = /^([^/]*\/\/)([^/?#]*)(.*)$/s.exec(text) ?? [];
  const bare = authority.replace(/^\[|\](?::\d*)?$/g, '');
  const zoned = /^([\da-f:.]+)%(?:25)?[\w.-]+$/i.exec(bare)?.[1];
  if (zoned !== undefined && isIPv6(zoned)) {
    throw new UsageError(
      `'${shown(authority)}' names an interface (after %), which no URL can: give a name of the node, or an address that is valid everywhere, such as https://[2001:db8::1]:8006`,
    );
  }
  if (authority.startsWith('[') || !/:.*:/.test(authority)) return text;
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(authority) ?? [];
  const asAddress = isIPv6(authority);
  const withPort = isIPv6(host) && Number(port) > 0 && Number(port) < 65_536;
  if (asAddress && withPort) {
    throw new UsageError(
      `'${shown(authority)}' can be read in two ways: write https://[${authority}]:8006, or https://[${host}]:${port} if ${port} is the port`,
    );
  }
  if (asAddress) return `${scheme}[${authority}]${rest}`;
  return withPort ? `${scheme}[${host}]:${port}${rest}` : text;
}

function shown(text: string): string {
  return oneLine(withoutUserinfo(text), 200);
}

/** An address, complete or not, without everything before its last `@`: that may be a password, with any characters. */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}
