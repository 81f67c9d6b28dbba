import type { GuestType, ResourceKey } from './resource.ts';
import { type NodeTime, nodeTime } from './time.ts';

/** The content of a task's identifier. */
export interface Upid {
  node: string;
  pid: number;
  /** When the worker process was started, in clock ticks since boot. */
  pstart: number;
  /** By the node's clock, in whole seconds. */
  startedAt: NodeTime;
  /** PVE's task type, such as `qmstart`. */
  type: string;
  /** What the task is about: a VMID, a storage, or nothing. */
  id: string;
  /** `USER@REALM`, without the token. */
  user: string;
  /** The name of the API token used. */
  token?: string;
}

/** `UPID:NODE:PID:PSTART:STARTTIME:TYPE:ID:USER[!TOKEN]:`, numbers in hex; as in PVE::ProcFSTools::upid_decode. */
const UPID =
  /^UPID:([a-z0-9](?:[a-z0-9-]*[a-z0-9])?):([0-9a-f]{8}):([0-9a-f]{8,9}):([0-9a-f]{8}):([^:\s]+):([^:\s]*):([^:\s!]+)(?:!([^:\s]+))?:$/i;

/** Takes a UPID apart; null for anything else. */
export function parseUpid(upid: string): Upid | null {
  const match = UPID.exec(upid);
  if (match === null) return null;
  const [, node = '', pid = '', pstart = '', start = '', type = '', id = '', user = '', token] = match;
  return {
    node,
    pid: Number.parseInt(pid, 16),
    pstart: Number.parseInt(pstart, 16),
    startedAt: nodeTime(Number.parseInt(start, 16) * 1000),
    type,
    id,
    user,
    ...(token === undefined ? {} : { token }),
  };
}

/**
 * What a task acts on: a guest where it bears a VMID, otherwise its node. Types like `vzdump`, `resize` and `hastart` are those of VMs
 * and containers alike: then `typeOf` tells, and where it does not, nobody knows which guest it is (null).
 */
export function taskResource(
  { type, id, node }: Upid,
  typeOf: (vmid: number) => GuestType | undefined,
): ResourceKey | null {
  if (!/^\d{3,9}$/.test(id)) return { type: 'node', id: node };
  const own = type.startsWith('qm') ? 'vm' : type.startsWith('vz') && type !== 'vzdump' ? 'container' : null;
  const of = own ?? typeOf(Number(id));
  return of === undefined ? null : { type: of, id };
}
