import type { Detail } from '../../model/detail.ts';
import type { NodeStorageObservation, StorageObservation } from '../../model/observation.ts';
import type { OurTime } from '../../model/time.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';
import { age } from '../common/clock.ts';

/** A hanging storage costs a timeout: how often it is asked (ms), and how many are asked in one run. */
const ASKED_EVERY_MS = 900_000;
const ASKED_AT_MOST = 8;
const TEXT_AT_MOST = 300;

/**
 * Why nodes see enabled storages as inactive, in Proxmox's words, together with the known reasons that still stand: the list of
 * storages only shows that one is inactive, and only a request for its content says why.
 */
export async function readReasons(
  api: Api,
  definitions: readonly StorageObservation[],
  seenFrom: ReadonlyMap<string, NodeStorageObservation[]>,
  previous: readonly Detail<'storage_reason'>[],
  observedAt: OurTime,
): Promise<Detail<'storage_reason'>[]> {
  const enabled = new Set(definitions.flatMap(({ id, enabled: on }) => (on === true ? [id] : [])));
  const views = [...seenFrom.values()].flat().filter(view => enabled.has(view.storageId));
  const known = new Map(previous.map(row => [`${row.subject}@${row.source}`, row]));
  const due = views.filter(({ storageId, nodeId, active }) => {
    const before = known.get(`${storageId}@${nodeId}`);
    return active === false && (before === undefined || age(before.observedAt, observedAt) > ASKED_EVERY_MS);
  });
  const asked = await Promise.all(
    due.slice(0, ASKED_AT_MOST).map(async ({ storageId, nodeId }): Promise<Detail<'storage_reason'>> => {
      const text = await reasonOf(api, nodeId, storageId);
      const before = known.get(`${storageId}@${nodeId}`)?.data.text ?? null;
      const data = { text: text === null || isSame(before, text) ? before : text };
      return { topic: 'storage_reason', subject: storageId, source: nodeId, data, observedAt };
    }),
  );
  const back = new Set(
    views.flatMap(view => (view.active === true ? [`${view.storageId}@${view.nodeId}`] : [])),
  );
  const rows = new Map([...known, ...asked.map(row => [`${row.subject}@${row.source}`, row] as const)]);
  return [...rows].flatMap(([key, row]) => (back.has(key) ? [] : [row]));
}

async function reasonOf(api: Api, node: string, storage: string): Promise<string | null> {
  try {
    await api.get(endpoints.storage.content, { node, storage }, { content: 'iso' });
    return null;
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return error.kind === 'server' ? error.reason.trim().slice(0, TEXT_AT_MOST) : null;
  }
}

/** Reasons that differ only in numbers (process ids, times) are the same. */
function isSame(before: string | null, text: string): boolean {
  return before !== null && before.replace(/\d+/g, '0') === text.replace(/\d+/g, '0');
}
