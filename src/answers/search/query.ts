import { BlockList, isIP } from 'node:net';
import { namePattern } from '../../history/name-pattern.ts';

/** What a person looks for, in the forms it is compared in. */
export interface Query {
  text: string;
  /** Hex digits if it can be a MAC address or a part of one. */
  mac: string | null;
  /** It looks like an IP or MAC address, or the beginning of one. */
  isAddress: boolean;
  /** A whole IPv4 address matches only itself, a shorter one all that begin with it. */
  wholeIp: boolean;
  /** The addresses to match if a network such as `10.0.3.0/24` is asked for. */
  network: BlockList | null;
  /** The number in `vlan 30`, `vlan30` or `tag=30`. */
  vlan: number | null;
  /** Guests with PVE snapshots are looked for: any (`snapshots`), or those with a name (`snapshot before_upgrade`). */
  snapshot: string | null;
  /** A key, or a part of one, with its value: `onboot=1`, `net0.tag=20`, `cache=writeback`. */
  setting: { key: string; value: string } | null;
  matchesName: (name: string) => boolean;
  /** Whether a configuration with this JSON may match: false only if it cannot. */
  mayBeIn: (json: string) => boolean;
}

/** Reads a query; case and the separators of a MAC address do not matter. */
export function parseQuery(input: string): Query {
  const text = input.trim().toLowerCase();
  const hex = text.replace(/[:.-]/g, '');
  const isMac = /^[0-9a-f]{6,12}$/.test(hex) && (hex.length === 12 || /[:-]/.test(text));
  const fits = namePattern(text);
  const network = networkOf(text);
  const [, number] = /^(?:vlan(?:[ -]?(?:id|tag))?[ :=#-]?|(?:net\d+\.)?tag=) ?(\d{1,4})$/.exec(text) ?? [];
  const vlan = number === undefined ? null : Number(number);
  const [, key, value] = /^([a-z][\w.-]*) ?= ?(\S.*)$/.exec(text) ?? [];
  const setting =
    vlan !== null || key === undefined || value === undefined
      ? null
      : { key: key.replace(/^config\./, ''), value };
  return {
    text,
    mac: isMac ? hex : null,
    isAddress:
      isMac ||
      /^(?:\d{1,3}\.){1,3}\d{0,3}(?:\/\d+)?$/.test(text) ||
      (text.includes(':') && /^[0-9a-f:]+(?:\/\d+)?$/.test(text)),
    wholeIp: /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text),
    vlan,
    setting,
    snapshot:
      /^snapshots?(?: (.+))?$/
        .exec(text)
        ?.slice(1)
        .map(name => name ?? '')[0] ?? null,
    matchesName: name => fits(name.toLowerCase()),
    network,
    mayBeIn: network ? () => true : textFinder(setting?.value ?? text, isMac ? hex : null, vlan),
  };
}

/** A network differs from an address with its prefix in that only zeros follow the prefix. */
function networkOf(text: string): BlockList | null {
  const [address = '', length = ''] = text.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(length) || Number(length) > (family === 4 ? 32 : 128)) return null;
  const bits = address.split('.').map(part => Number(part).toString(2).padStart(8, '0'));
  const bare = family === 4 ? !bits.join('').slice(Number(length)).includes('1') : address.endsWith('::');
  if (!bare) return null;
  const network = new BlockList();
  network.addSubnet(address, Number(length), family === 4 ? 'ipv4' : 'ipv6');
  return network;
}

/**
 * A test on JSON text: every match in a configuration contains the query's text, or its hex digits with other characters between.
 */
function textFinder(text: string, hex: string | null, vlan: number | null): (json: string) => boolean {
  // JSON escapes these characters, and the case of letters beyond ASCII has rules of its own.
  if (!/^[ !#-[\]-~]+$/.test(text)) return () => true;
  // A part named by its path is not written in one piece in JSON.
  if (/^[a-z]\w*\.\w/.test(text)) return () => true;
  const mac = hex === null ? null : new RegExp([...hex].join('[^0-9a-f]*'), 'i');
  const tagged = vlan === null ? null : /"(?:tag|trunks)":/;
  return json => json.toLowerCase().includes(text) || mac?.test(json) === true || tagged?.test(json) === true;
}
