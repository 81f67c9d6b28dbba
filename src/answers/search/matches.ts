import { isIP } from 'node:net';
import { formatTime } from '../../history/moment.ts';
import type { AddressFacts } from '../../model/detail.ts';
import type { GuestConfigEntity, GuestEntity, StorageEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import { isObject, type JsonValue } from '../../model/state.ts';
import { clusterText, stateValue } from '../format/text.ts';
import type { Match } from './match.ts';
import type { Query } from './query.ts';
import { matchSettings } from './settings.ts';

const NOTE_AT_MOST = 20_000;
const EXCERPT = 120;
const SNAPSHOTS_SHOWN = 3;

/** Every match in a guest, the best first. Only what is shown is searched, so that masked text cannot be guessed by searching. */
export function matchGuest(
  query: Query,
  guest: GuestEntity,
  config: GuestConfigEntity | undefined,
  addresses?: AddressFacts,
): Match[] {
  const matches: Match[] = [];
  const add = (rank: number, field: string, value: string, source: Facet) =>
    matches.push({ rank, field, value, source });
  if (String(guest.id) === query.text) add(0, 'vmid', String(guest.id), 'inventory');
  const name = guest.name === null ? null : clusterText(guest.name);
  if (name !== null && query.matchesName(name))
    add(name.toLowerCase() === query.text ? 0 : 3, 'name', name, 'inventory');
  for (const tag of guest.tags.map(tag => clusterText(tag))) {
    if (query.matchesName(tag)) add(tag.toLowerCase() === query.text ? 2 : 5, 'tags', tag, 'inventory');
  }
  if (guest.pool?.toLowerCase() === query.text) add(2, 'pool', guest.pool, 'inventory');
  for (const [key, value] of Object.entries(config?.config ?? {})) {
    if (key === 'description') {
      const excerpt = noteExcerpt(query, String(value));
      if (excerpt !== null) add(6, 'config.description', excerpt, 'config');
    } else if (isObject(value)) matchDevice(query, key, value, add);
  }
  matches.push(
    ...matchSettings(query, 'config', config?.config ?? {}),
    ...matchSettings(query, 'pending', config?.pending ?? {}),
  );
  for (const { name, mac, ips } of addresses?.interfaces ?? []) {
    const hex = mac?.replace(/[^0-9a-f]/gi, '').toLowerCase() ?? '';
    if (query.mac !== null && hex.includes(query.mac))
      add(hex === query.mac ? 1 : 5, `addresses.${name}.mac`, mac!, 'addresses');
    for (const ip of ips) {
      const rank = addressRank(query, ip);
      if (rank !== null) add(rank, `addresses.${name}`, ip, 'addresses');
    }
  }
  return matches.sort((a, b) => a.rank - b.rank);
}

/** The PVE snapshots that match, the oldest first. */
export function matchSnapshots(
  { snapshot }: Query,
  config: GuestConfigEntity | undefined,
  timeZone: string,
): Match[] {
  if (snapshot === null) return [];
  const found = Object.entries(config?.snapshots ?? {})
    .map(([name, at]) => [clusterText(name, 60), at] as const)
    .filter(([name]) => name.toLowerCase().includes(snapshot))
    .sort(([, a], [, b]) => a - b);
  if (found.length === 0) return [];
  const shown = found.slice(0, SNAPSHOTS_SHOWN).map(([name, at]) => `${name} ${formatTime(at, timeZone)}`);
  const more = found.length > shown.length ? `, ${found.length - shown.length} younger` : '';
  return [{ rank: 4, field: 'snapshots', value: `${shown.join(', ')}${more}`, source: 'config' }];
}

/** How well an address with its prefix matches: 1 as a whole, 5 by its beginning, null not at all. */
function addressRank(query: Query, address: string): number | null {
  const lower = address.toLowerCase();
  const bare = lower.split('/')[0]!;
  if (!/[.:]/.test(query.text)) return null;
  if (bare === query.text || lower === query.text) return 1;
  const family = isIP(bare);
  if (query.network !== null && family !== 0)
    return query.network.check(bare, family === 4 ? 'ipv4' : 'ipv6') ? 5 : null;
  return !query.wholeIp && bare.startsWith(query.text) ? 5 : null;
}

/** Every match in a storage's definition. */
export function matchStorage(query: Query, storage: StorageEntity): Match[] {
  const matches: Match[] = [];
  const source = 'storage';
  if (query.matchesName(storage.id))
    matches.push({
      rank: storage.id.toLowerCase() === query.text ? 0 : 3,
      field: 'name',
      value: storage.id,
      source,
    });
  if (storage.contentTypes.includes(query.text))
    matches.push({ rank: 5, field: 'content', value: storage.contentTypes.join(','), source });
  if (storage.type === query.text) matches.push({ rank: 4, field: 'type', value: storage.type, source });
  for (const [name, option] of Object.entries(storage.options)) {
    const value = stateValue(`options.${name}`, option);
    if (typeof value === 'string' && query.text.length > 2 && value.toLowerCase().includes(query.text))
      matches.push({ rank: 5, field: `options.${name}`, value, source });
  }
  return matches.sort((a, b) => a.rank - b.rank);
}

type Add = (rank: number, field: string, value: string, source: Facet) => void;

/** Matches in network cards, addresses of cloud-init and disks. */
function matchDevice(query: Query, key: string, parts: { [name: string]: JsonValue }, add: Add): void {
  const text = (name: string) =>
    parts[name] === undefined ? null : String(stateValue(`config.${key}.${name}`, parts[name]));
  const [mac, bridge] = [text('macaddr') ?? text('hwaddr'), text('bridge')];
  if (mac !== null && query.mac !== null) {
    const hex = mac.replace(/[^0-9a-f]/gi, '').toLowerCase();
    const field = `config.${key}.${parts['macaddr'] === undefined ? 'hwaddr' : 'macaddr'}`;
    if (hex.includes(query.mac)) add(hex === query.mac ? 1 : 5, field, mac, 'config');
  }
  if (bridge !== null && bridge.toLowerCase() === query.text)
    add(4, `config.${key}.bridge`, bridge, 'config');
  for (const name of ['ip', 'ip6', 'gw', 'gw6']) {
    const address = text(name);
    const rank = address === null ? null : addressRank(query, address);
    if (rank !== null)
      add(rank + (name.startsWith('gw') ? 1 : 0), `config.${key}.${name}`, address!, 'config');
  }
  if (query.vlan !== null) {
    if (text('tag') === String(query.vlan)) add(1, `config.${key}.tag`, text('tag')!, 'config');
    const trunks = text('trunks');
    if (trunks !== null && carries(trunks, query.vlan)) add(4, `config.${key}.trunks`, trunks, 'config');
  }
  const volume = text('volume');
  if (volume !== null) {
    const lower = volume.toLowerCase();
    if (
      lower.split(':')[0] === query.text ||
      lower === query.text ||
      (query.text.includes('disk') && lower.includes(query.text))
    )
      add(4, `config.${key}.volume`, volume, 'config');
  }
}

/** Whether a list of trunks such as `10;20-29` includes a VLAN. */
function carries(trunks: string, vlan: number): boolean {
  return trunks.split(';').some(part => {
    const [first, last = first] = part.split('-').map(Number);
    return first !== undefined && first <= vlan && vlan <= last!;
  });
}

/** The cleaned part of a note around the match. Masked text in a note cannot be found. */
function noteExcerpt(query: Query, note: string): string | null {
  if (query.text.length < 2 || !note.slice(0, NOTE_AT_MOST).toLowerCase().includes(query.text)) return null;
  const clean = clusterText(note, NOTE_AT_MOST);
  const at = clean.toLowerCase().indexOf(query.text);
  if (at === -1) return null;
  const start = Math.max(0, at - EXCERPT / 2);
  const end = at + query.text.length + EXCERPT / 2;
  return `${start > 0 ? '…' : ''}${clean.slice(start, end)}${end < clean.length ? '…' : ''}`;
}
