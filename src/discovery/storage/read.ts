import { normaliseList } from '../../history/normalise.ts';
import type { NodeStorageObservation, StorageObservation, StorageSize } from '../../model/observation.ts';
import type { JsonObject } from '../../model/state.ts';
import { endpoints, type StorageDefinition } from '../../proxmox/endpoints/index.ts';
import { readScalar } from '../../proxmox/schema.ts';
import { hasUnread, isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';

const PROMOTED = new Set(['storage', 'type', 'content', 'nodes', 'shared', 'disable', 'digest']);
/** Types that are shared by nature, whatever the definition says (pve-storage plugin data). */
const SHARED_TYPES = new Set([
  'nfs',
  'cifs',
  'glusterfs',
  'cephfs',
  'rbd',
  'iscsi',
  'iscsidirect',
  'pbs',
  'zfs',
  'esxi',
]);

/** The definitions; `whole` if every row could be read, so that a storage that appears later did not exist. */
export interface DefinitionList {
  definitions: StorageObservation[];
  whole: boolean;
}

/** The storage definitions, disabled ones too. @throws ProxmoxError when the listing fails. */
export async function collectStorageDefinitions(api: Api): Promise<DefinitionList> {
  const rows = await api.get(endpoints.storage.definitions);
  const definitions = rows.map(row => {
    const unless = <T>(field: string, value: T) => (isUnread(row, field) ? undefined : value);
    return {
      id: row.storage,
      type: unless('type', row.type ?? 'unknown'),
      content: unless('content', normaliseList(row.content)),
      shared: row.shared ?? unless('shared', unless('type', SHARED_TYPES.has(row.type ?? ''))),
      enabled: unless('disable', !(row.disable ?? false)),
      nodes: unless('nodes', normaliseList(row.nodes)),
      ...optionsOf(row),
    };
  });
  return { definitions, whole: isWhole(rows) };
}

/**
 * How one node sees each enabled storage meant for it. A size of 0 bytes counts as unknown. @throws ProxmoxError where the node
 * fails.
 */
export async function collectNodeStorage(api: Api, node: string): Promise<NodeStorageObservation[]> {
  const rows = await api.get(endpoints.storage.ofNode, { node });
  return rows
    .filter(row => row.enabled !== false && !isUnread(row, 'enabled'))
    .map(row => {
      const active = isUnread(row, 'active') ? undefined : (row.active ?? false);
      const size = (bytes: number | undefined) => (active && row.total ? (bytes ?? null) : null);
      return {
        nodeId: node,
        storageId: row.storage,
        active,
        totalBytes: size(row.total),
        usedBytes: size(row.used),
        availableBytes: size(row.avail),
        ...(hasUnread(row) && { unread: SIZES.filter(([, of]) => isUnread(row, of)).map(([name]) => name) }),
      };
    });
}

/** The sizes of a node's view, by the field of its row. */
const SIZES = [
  ['totalBytes', 'total'],
  ['usedBytes', 'used'],
  ['availableBytes', 'avail'],
] as const satisfies (readonly [StorageSize, string])[];

function optionsOf(row: StorageDefinition): Pick<StorageObservation, 'options' | 'unreadOptions'> {
  const options: JsonObject = {};
  const unreadOptions: string[] = [];
  for (const [key, value] of Object.entries(row)) {
    if (PROMOTED.has(key)) continue;
    const read = readScalar(value);
    if (read === undefined) unreadOptions.push(key);
    else options[key] = read;
  }
  return { options, unreadOptions };
}
