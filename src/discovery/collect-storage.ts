import type { NodeStorageObservation, StorageObservation } from '../model/observation.ts';
import type { JsonObject } from '../model/state.ts';
import { endpoints, type StorageDefinition } from '../proxmox/endpoints/index.ts';
import { normaliseList } from '../state/normalise.ts';
import type { Api } from './api.ts';

const PROMOTED = new Set(['storage', 'type', 'content', 'nodes', 'shared', 'disable', 'digest']);
/** Local kinds are never shared; these are by nature, whatever the definition says (pve-storage plugin data). */
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

/** The storage definitions, disabled ones too. @throws ProxmoxError when the listing fails. */
export async function collectStorageDefinitions(api: Api): Promise<StorageObservation[]> {
  const rows = await api.get(endpoints.storage.definitions);
  return rows.map(row => ({
    id: row.storage,
    type: row.type ?? 'unknown',
    content: normaliseList(row.content),
    shared: row.shared ?? SHARED_TYPES.has(row.type ?? ''),
    enabled: !(row.disable ?? false),
    nodes: normaliseList(row.nodes),
    options: optionsOf(row),
  }));
}

/** How one node sees each enabled storage meant for it. 0 bytes is no size. @throws ProxmoxError as the node fails. */
export async function collectNodeStorage(api: Api, node: string): Promise<NodeStorageObservation[]> {
  const rows = await api.get(endpoints.storage.ofNode, { node });
  return rows
    .filter(row => row.enabled !== false)
    .map(row => {
      const active = row.active ?? false;
      const size = (bytes: number | undefined) => (active && row.total ? (bytes ?? null) : null);
      return {
        nodeId: node,
        storageId: row.storage,
        active,
        totalBytes: size(row.total),
        usedBytes: size(row.used),
        availableBytes: size(row.avail),
      };
    });
}

function optionsOf(row: StorageDefinition): JsonObject {
  const options: JsonObject = {};
  for (const [key, value] of Object.entries(row)) {
    if (PROMOTED.has(key) || value === undefined || value === null) continue;
    options[key] = typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
  }
  return options;
}
