import { type NodeTime, nodeTime } from './time.ts';

/** What a task's identifier says by itself. */
export interface Upid {
  node: string;
  pid: number;
  /** Start of the worker process in clock ticks since boot. */
  pstart: number;
  /** Milliseconds since 1970 by the node's clock, whole seconds. */
  startedAt: NodeTime;
  /** PVE's task type, such as `qmstart`. */
  type: string;
  /** What the task is about: a vmid, a storage, or empty. */
  id: string;
  /** `USER@REALM` without the token. */
  user: string;
  /** Name of the API token that was used. */
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
