import { normaliseConfig, normaliseTags, normaliseValue } from '../../history/normalise.ts';
import { readFlag } from '../../model/flag.ts';
import { LONGEST, MAX_TIME } from '../../model/limits.ts';
import type { GuestReading } from '../../model/observation.ts';
import type { GuestType } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { PENDING_DELETION } from '../../model/state.ts';
import { bootTime, type NodeTime, nodeTime, type OurTime } from '../../model/time.ts';
import { endpoints, type PendingRow } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError, type ProxmoxErrorKind } from '../../proxmox/proxmox-error.ts';
import { readScalar } from '../../proxmox/schema.ts';
import { fieldOf, isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { refusalReason } from '../common/failure-reason.ts';
import { isOtherLife, lifeOf } from '../common/identity.ts';
import { seenStatus } from './seen-status.ts';

const PARTS = ['value', 'pending', 'delete'] as const;
/** The keys that distinguish one VM from another. */
const IDENTITY = ['smbios1', 'vmgenid', 'meta'];

/** Which guest to read, and how much of it. */
export interface GuestTarget {
  type: GuestType;
  id: number;
  node: string;
  /** Also ask for the live status, for a guest whose row moved. */
  live: boolean;
  /** It had snapshots: their list is read again even if the configuration names none. */
  hadSnapshots: boolean;
  /** The known identity. If the identity read differs, this may be another guest, and its live status is needed as well. */
  identity: string | null;
}

/** Refusals of a single request, after which the guest may still be read by the others. */
const REFUSALS: ReadonlySet<ProxmoxErrorKind> = new Set([
  'bad-request',
  'server',
  'not-implemented',
  'bad-answer',
  'too-large',
]);

/**
 * A guest's own answer: its running and pending configuration in one request, plus status and snapshots where needed. Where the
 * pending list is refused, the configuration is read alone; a refused part keeps its known value.
 * @throws ProxmoxError as the API refuses; `not-found` means that the guest is not (any more) on that node, `bad-answer` also that
 * whether this is the known VM could not be read.
 */
export async function readGuest(api: Api, target: GuestTarget, now: () => OurTime): Promise<GuestReading> {
  const readAt = now();
  const refused: GuestReading['refused'] = {};
  const rows = await orRefused(refused, 'pending', readPending(api, target));
  const { raw, unread, short } = rows === undefined ? await readConfig(api, target) : valuesOf(rows);
  const reported = (key: string) => raw[key] !== undefined || !(short || unread.has(key));
  const nameKey = target.type === 'vm' ? 'name' : 'hostname';
  const parts = target.type === 'vm' ? lifeOf(raw) : null;
  const identity = IDENTITY.every(reported) ? parts : null;
  if (identity === null && isOtherLife(target.identity, parts)) throw unreadIdentity(target);
  const hasSnapshots = raw['parent'] !== undefined || !reported('parent') || target.hadSnapshots;
  const list = hasSnapshots
    ? await orRefused(refused, 'snapshots', readSnapshots(api, target, text(raw['parent'])))
    : NO_SNAPSHOTS;
  const reading: GuestReading = {
    type: target.type,
    id: target.id,
    node: target.node,
    readAt,
    name: reported(nameKey) ? nameOf(raw[nameKey]) : undefined,
    tags: reported('tags') ? normaliseTags(text(raw['tags'])) : undefined,
    template: reported('template') ? (readFlag(raw['template']) ?? false) : undefined,
    identity,
    createdAt: creationTime(raw['meta']),
    config: normaliseConfig(raw),
    pending: rows && pendingOf(rows),
    snapshots: list?.snapshots,
    lineage: list?.lineage ?? [],
    unread: { keys: unread, shortConfig: short, shortSnapshots: list?.short ?? false },
    refused,
  };
  if (target.live || isOtherLife(target.identity, identity, true))
    reading.live = await readLive(api, target, now);
  return reading;
}

/** The error where a key that tells VMs apart could not be read, and the others are not those of the known VM. */
function unreadIdentity({ id, node }: GuestTarget): ProxmoxError {
  const message = `VM ${id} may be another one by now: not all of ${IDENTITY.join(', ')} could be read`;
  return new ProxmoxError('bad-answer', message, { node });
}

/** The result of a request; undefined, with the reason recorded, where that request alone was refused. */
async function orRefused<T>(
  refused: GuestReading['refused'],
  part: keyof GuestReading['refused'],
  asked: Promise<T>,
): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ProxmoxError) || !REFUSALS.has(error.kind)) throw error;
    refused[part] = refusalReason(error);
    return undefined;
  }
}

function readPending(api: Api, { type, id, node }: GuestTarget): Promise<PendingRow[]> {
  return api.get((type === 'vm' ? endpoints.qemu : endpoints.lxc).pending, { node, vmid: id });
}

/** A configuration as it was sent, and which parts could not be read: the values of these keys, or whole rows (`short`). */
interface Values {
  raw: { [key: string]: unknown };
  unread: ReadonlySet<string>;
  short: boolean;
}

/** The running configuration, without pending changes. */
async function readConfig(api: Api, { type, id, node }: GuestTarget): Promise<Values> {
  const family = type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const raw = await api.get(family.config, { node, vmid: id }, { current: true });
  const unread = new Set(Object.keys(raw).filter(key => readScalar(raw[key]) === undefined));
  for (const key of unread) delete raw[key];
  return { raw, unread, short: false };
}

function valuesOf(rows: PendingRow[]): Values {
  const values = rows.filter(row => row.value !== undefined).map(({ key, value }) => [key, value] as const);
  const unread = rows.filter(row => PARTS.some(part => isUnread(row, part))).map(row => row.key);
  return { raw: Object.fromEntries(values), unread: new Set(unread), short: !isWhole(rows) };
}

async function readLive(api: Api, target: GuestTarget, now: () => OurTime): Promise<GuestReading['live']> {
  const family = target.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const at = now();
  const row = await api.get(family.status, { node: target.node, vmid: target.id });
  // The cluster listing shows qmpstatus where there is one (paused, suspended, prelaunch), so that is the status.
  const shown = isUnread(row, 'qmpstatus') ? undefined : (row.qmpstatus ?? row.status);
  // vzdump starts a stopped VM for its backup. Only QEMU itself knows that the VM was never resumed.
  const hidden = target.type === 'vm' && shown === 'running' && row.lock === 'backup' && !row['running-qemu'];
  const status = hidden || shown === undefined ? undefined : seenStatus(shown, row.lock);
  const runs = status === 'running' || status === undefined;
  return {
    status,
    lock: fieldOf(row, 'lock'),
    bootAt: runs && row.uptime ? bootTime(at, row.uptime) : undefined,
    uptime: runs ? row.uptime : undefined,
  };
}

interface SnapshotList {
  snapshots: NonNullable<GuestReading['snapshots']>;
  /** The snapshots that the present state descends from. */
  lineage: string[];
  short: boolean;
}
const NO_SNAPSHOTS: SnapshotList = { snapshots: {}, lineage: [], short: false };

async function readSnapshots(
  api: Api,
  target: GuestTarget,
  parent: string | null | undefined,
): Promise<SnapshotList> {
  const family = target.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const rows = await api.get(family.snapshots, { node: target.node, vmid: target.id });
  const snapshots = rows.flatMap(row => {
    // A snapshot with memory takes minutes: until it is complete nobody can go back to it, and it may fail.
    if (row.name === 'current' || row.snapstate === 'prepare') return [];
    return [
      [row.name, isUnread(row, 'snaptime') ? undefined : nodeTime((row.snaptime ?? 0) * 1000)] as const,
    ];
  });
  const parents = new Map(rows.map(row => [row.name, row.parent]));
  const lineage: string[] = [];
  let name = parent ?? undefined;
  while (name !== undefined && !lineage.includes(name)) {
    lineage.push(name);
    name = parents.get(name);
  }
  // The snapshot that the present descends from has to be in the list.
  const short = !isWhole(rows) || (typeof parent === 'string' && parent !== '' && !parents.has(parent));
  return { snapshots: Object.fromEntries(snapshots), lineage, short };
}

function pendingOf(rows: PendingRow[]): JsonObject {
  const pending: JsonObject = {};
  for (const row of rows) {
    if (row.delete) pending[row.key] = PENDING_DELETION;
    else if (row.pending !== undefined) pending[row.key] = normaliseValue(row.key, row.pending);
  }
  return pending;
}

/** Undefined where it is longer than any name that can be stored. */
function nameOf(value: unknown): string | null | undefined {
  const name = text(value);
  return name !== null && name.length > LONGEST.text ? undefined : name;
}

function text(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : String(value);
}

/** `creation-qemu=10.0.13,ctime=1795221526`: seconds. */
function creationTime(meta: unknown): NodeTime | null {
  const ctime = /(?:^|,)ctime=(\d+)/.exec(String(meta ?? ''))?.[1];
  const at = Number(ctime ?? Number.NaN) * 1000;
  return at <= MAX_TIME ? nodeTime(at) : null;
}
