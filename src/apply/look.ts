import type { OperationEntity } from '../model/operation.ts';
import { parseUpid } from '../model/upid.ts';
import { endpoints, ProxmoxError, type ProxmoxReader } from '../proxmox/index.ts';
import { taskRefusal } from '../proxmox/operations/index.ts';
import { isBusy, readFacts, readGuest } from './reread.ts';
import { addressOf, isAboutFacts, operationOf } from './sent.ts';
import type { Reading } from './standing.ts';
import type { TaskEnd } from './verdict.ts';

/** How to read the outcome of an operation. */
export interface Looking {
  reader: ProxmoxReader;
  /** The cluster's clock (ms). */
  now: () => number;
  /** The node on which the guest is known to be now. */
  nodeNow: string | null;
}

/**
 * Reads an operation's guest again to determine its outcome; undefined where it could not be read. Unless an answer or a task
 * shows that the write is over, it also checks whether one of our tasks is still running.
 * @throws any error but Proxmox's
 */
export async function lookAgain(
  entity: OperationEntity,
  task: TaskEnd | undefined,
  { reader, now, nodeNow }: Looking,
): Promise<Reading | undefined> {
  const guest = addressOf(entity);
  const over =
    entity.outcome?.['kind'] === 'written' || entity.outcome?.['kind'] === 'refused' || task?.ended;
  const nodes = [
    ...new Set([targetOf(entity), nodeNow ?? guest.node, guest.node].filter(one => one !== null)),
  ];
  const busy = over ? false : await mayBeBusy(reader, nodes, guest, entity.identity);
  const facts = { now: now(), busy };
  if (isAboutFacts(entity))
    return readFacts(reader, guest, nodes, { ...facts, fields: entity.wanted.map(({ key }) => key) });
  return readGuest(reader, { ...guest, node: nodeNow ?? guest.node }, { uuid: entity.uuid }, facts);
}

function targetOf(entity: OperationEntity): string | null {
  const operation = operationOf(entity);
  return operation.kind === 'migrate' ? operation.target : null;
}

/** In doubt it is busy: then the outcome is not decided. */
async function mayBeBusy(
  reader: ProxmoxReader,
  nodes: readonly string[],
  guest: ReturnType<typeof addressOf>,
  identity: string,
): Promise<boolean> {
  for (const node of nodes)
    try {
      if (await isBusy(reader, { ...guest, node }, identity)) return true;
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      return true;
    }
  return false;
}

/**
 * The state of an operation's task; undefined where it could not be read, or its node no longer lists it.
 * @throws any error but Proxmox's
 */
export async function taskEndOf(
  entity: OperationEntity,
  upid: string,
  reader: ProxmoxReader,
): Promise<TaskEnd | undefined> {
  const { vmid, node } = addressOf(entity);
  try {
    const of = { node: parseUpid(upid)?.node ?? node };
    const rows = await reader.get(endpoints.tasks.ofNode, of, { source: 'all', vmid });
    const row = rows.find(one => one.upid === upid);
    if (row === undefined) return undefined;
    if (row.endtime === undefined) return { ended: false };
    const status = row.status ?? '';
    const well = status === 'OK' || /^WARNINGS: \d+$/.test(status);
    return { ended: true, refusal: well ? null : taskRefusal(operationOf(entity), status) };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return undefined;
  }
}
