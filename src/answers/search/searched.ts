import type { ToolContext } from '../../mcp/define/tool.ts';
import { effectiveValue } from '../../model/config/index.ts';
import { reasonText } from '../../model/reason-text.ts';
import { formatKey, GUEST_TYPES } from '../../model/resource.ts';
import { hasProcess } from '../../model/status.ts';
import { clusterText, quoted } from '../format/text.ts';

const NAMED = 5;

/**
 * What a search covered and what it could not, in words, so that nothing found is not taken for nothing there. `addresses`: the
 * search was for an address.
 */
export async function searchedText(
  { store }: Pick<ToolContext, 'store'>,
  { addresses }: { addresses: boolean },
): Promise<{ searched: string; not: string }> {
  const lists = await Promise.all(GUEST_TYPES.map(type => store.guests(type)));
  const guests = lists.flatMap(list => list.rows);
  const unread = guests.filter(guest => guest.configSeen === null).map(nameOf);
  const reported = addresses
    ? await addressesText(store, guests.filter(guest => hasProcess(guest.status)).map(nameOf))
    : null;
  const searched = `names, VMIDs, tags, pools, notes, snapshots and every key and value of ${guests.length - unread.length} configurations, nodes, storages, backup jobs, pools, high availability and options of the datacenter${reported === null ? '' : reported.searched}`;
  const hidden = await unreadLists(store);
  const not = [
    ...(hidden.length > 0 ? [`${hidden.join(', ')}, which could not all be read`] : []),
    ...(unread.length > 0 ? [`the configurations of ${some(unread)}, which could not be read yet`] : []),
    ...(reported === null ? [] : reported.not),
  ];
  return { searched, not: not.join('; ') };
}

const LISTS = {
  backup_job: 'backup jobs',
  pool: 'pools',
  ha: 'high availability',
  options: 'options of the datacenter',
} as const;

/** Which lists of the datacenter the last look could not read completely. */
async function unreadLists(store: ToolContext['store']): Promise<string[]> {
  const looks = new Map((await store.details('list_look')).map(look => [look.subject, look.data.whole]));
  return Object.entries(LISTS).flatMap(([list, words]) => (looks.get(list) === true ? [] : [words]));
}

function nameOf({ type, id }: { type: 'vm' | 'container'; id: number }): string {
  return formatKey({ type, id: String(id) });
}

/** How many running guests reported addresses, and why the others did not, in the words of Proxmox. */
async function addressesText(
  store: ToolContext['store'],
  running: string[],
): Promise<{ searched: string; not: string[] }> {
  const rows = new Map((await store.details('addresses')).map(row => [row.subject, row.data]));
  const reporting = running.filter(key => rows.get(key)?.silent === null);
  const silent = running.filter(key => rows.has(key) && rows.get(key)!.silent !== null);
  const [mute, unasked] = await withoutAgent(
    store,
    running.filter(key => !rows.has(key)),
  );
  const reasons = Map.groupBy(silent, key => clusterText(reasonText(rows.get(key)!.silent!), 120));
  return {
    searched: `, and the addresses that ${reporting.length} running guests told`,
    not: [
      ...[...reasons].map(
        ([why, keys]) => `the addresses of ${some(keys)}, which tell none (${quoted(why, 120)})`,
      ),
      ...(mute.length > 0 ? [`the addresses of ${some(mute)}, which have no guest agent`] : []),
      ...(unasked.length > 0 ? [`the addresses of ${some(unasked)}, which were not asked yet`] : []),
    ],
  };
}

/** Splits off the guests whose configuration enables no guest agent, so that they are never asked. */
async function withoutAgent(store: ToolContext['store'], keys: string[]): Promise<[string[], string[]]> {
  const ids = keys.filter(key => key.startsWith('vm/')).map(key => Number(key.slice(3)));
  const configs = await store.configs(ids.map(id => ({ type: 'vm', id })));
  const mute = new Set(
    configs
      .filter(({ config }) => effectiveValue('vm', config, 'agent') === false)
      .map(({ id }) => `vm/${id}`),
  );
  return [keys.filter(key => mute.has(key)), keys.filter(key => !mute.has(key))];
}

/** The first ones by name, and how many more there are. */
function some(keys: string[]): string {
  const more = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : '';
  return `${keys.slice(0, NAMED).join(', ')}${more}`;
}
