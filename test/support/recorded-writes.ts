import { readFileSync } from 'node:fs';
import type { TaskOrder } from '../../src/simulator/tasks.ts';
import type { ConfigValue } from '../../src/simulator/types.ts';
import type { PveRow } from './pve-row.ts';
import type { Lab, RawAnswer } from './simulator-client.ts';

/** Of every token: calls that are under way go on while another is made. */
const SECRET = '5f2d1c9a-0000-4000-8000-000000000001';

type Config = Record<string, ConfigValue>;
type Changes = Record<string, ConfigValue | null>;

/** A call as it was sent. `<present>` in a form stands for the digest that the object has at that moment. */
interface Call {
  method: string;
  path: string;
  form?: Record<string, unknown>;
  /** Whose; `root@pam!lab` unless said. */
  token?: string;
  /** The form is sent as JSON. */
  json?: true;
  /** Sent as it stands, with this content type. */
  body?: string;
  type?: string;
}

/** One exchange as a real Proxmox VE 9.2 had it, and what has to be there before it. */
export interface Exchange {
  what: string;
  given?: {
    /** The guest it is about, `vm/100`, as `guests` has it but for `config`. */
    guest?: string;
    config?: Config;
    pending?: Changes;
    running?: true;
    lock?: string;
    snapshots?: { name: string; config: Config }[];
    ignoresShutdown?: true;
    refusesUnplug?: true;
    /** Another call holds the lock of its config file. */
    held?: true;
    /** Other guests that have to be there. */
    also?: string[];
    /** ISO images by volume id, with their bytes. */
    images?: Record<string, number>;
    orders?: TaskOrder[];
    pools?: Record<string, number[]>;
    storage?: Record<string, string>;
    calls?: Call[];
    down?: string;
    frozen?: string;
    /** The call takes effect, its answer is this status. */
    lost?: number;
  };
  call: Call;
  answer: { status: number; reason?: string; errors?: Record<string, string>; data?: unknown; text?: string };
  task?: { type: string; id: string; status: string };
  /** What `/config` shows afterwards of the keys that changed; null: gone. `<mac>`, `<uuid>`: a new one. */
  changes?: Changes;
  /** The same of `/config?current=1`, where that is something else. */
  runningChanges?: Changes;
  /** Rows of `/pending` in which something waits. */
  pending?: Record<string, ConfigValue>[];
  digest?: 'same' | 'other';
  /** The guest's status afterwards, where it changed. */
  becomes?: string;
  after?: 'present' | 'absent';
  /** The whole config of a guest that was made. */
  config?: Config;
  /** A pool, storage or other object afterwards, without its digest. */
  object?: unknown;
  /** New lines of the cluster log, newest first. */
  log?: string[];
}

/** Every exchange, in the order in which they were had, and the guests they were about. */
export const recorded = JSON.parse(
  readFileSync(new URL('recorded-writes.json', import.meta.url), 'utf8'),
) as { guests: Record<string, Config>; exchanges: Exchange[] };

/** Path of a guest: `vm/100` lies at `/nodes/pve1/qemu/100`. */
export function guestPath(resource: string): string {
  const [type, vmid] = resource.split('/');
  return `/nodes/pve1/${type === 'vm' ? 'qemu' : 'lxc'}/${vmid}`;
}

/** Puts a recorded guest where its exchange wants it. */
function place(lab: Lab, resource: string, given: Exchange['given'] = {}): void {
  const [type, id] = resource.split('/');
  const { pending, snapshots, lock, running } = given;
  const { world } = lab.sim;
  const config = Object.entries({ ...recorded.guests[resource], ...given.config });
  world.placeGuest({
    vmid: Number(id),
    type: type === 'vm' ? 'qemu' : 'lxc',
    node: 'pve1',
    config: Object.fromEntries(config.filter(([, value]) => value !== null)),
    ...(pending && { pending }),
    ...(snapshots && { snapshots }),
    ...(lock && { lock }),
    ...(running && { running }),
  });
  if (given.ignoresShutdown) world.ignoreShutdown(Number(id));
  if (given.refusesUnplug) world.refuseUnplug(Number(id));
  if (given.held) world.holdConfig(Number(id));
}

/** Brings an empty lab of three nodes to where an exchange begins. */
export async function prepare(lab: Lab, { given = {} }: Exchange): Promise<void> {
  const { world } = lab.sim;
  for (const vmid of world.find({})) world.loseGuest(vmid);
  for (const pool of ['web', 'web2']) world.removePool(pool);
  if (given.storage !== undefined) {
    const { storage, type, content, path } = given.storage as Record<string, string>;
    if ((await lab.get(`/storage/${storage}`)).status === 200) world.removeStorage(storage!);
    world.addStorage({
      storage: storage!,
      type: type!,
      content: content!.split(','),
      options: { path: path! },
    });
  }
  for (const resource of given.also ?? []) place(lab, resource);
  if (given.guest !== undefined) place(lab, given.guest, given);
  for (const [volid, size] of Object.entries(given.images ?? {})) world.addImage(volid, size);
  for (const [pool, members] of Object.entries(given.pools ?? {})) {
    await send(lab, { method: 'POST', path: '/pools', form: { poolid: pool } });
    for (const vmid of members) world.setPool(vmid, pool);
  }
  for (const order of given.orders ?? []) world.orderTasks(order);
  if (given.down !== undefined) world.nodeDown(given.down);
  if (given.frozen !== undefined) world.nodeFrozen(given.frozen);
  for (const call of given.calls ?? []) await send(lab, call);
}

/** Undoes what outlives the guests of an exchange. */
export function tidy(lab: Lab, { given = {} }: Exchange): void {
  lab.sim.faults.clear();
  if (given.down !== undefined) lab.sim.world.nodeUp(given.down);
  if (given.frozen !== undefined) lab.sim.world.nodeFrozen(given.frozen, false);
  lab.sim.clock.advance(120_000);
}

/** Sends a call as it was recorded. */
export async function send(lab: Lab, call: Call): Promise<RawAnswer> {
  const { method, path, body, type } = call;
  const form = await withDigest(lab, call);
  const inQuery = method === 'GET' || method === 'DELETE' || form === undefined;
  const query = inQuery && form !== undefined ? `?${new URLSearchParams(form)}` : '';
  const headers = await authorization(lab, call.token ?? 'root@pam!lab');
  if (type !== undefined) {
    headers['content-type'] = type;
    headers['content-length'] = String(body?.length ?? 0);
  } else if (!inQuery)
    headers['content-type'] = `application/${call.json ? 'json' : 'x-www-form-urlencoded'}`;
  const sent = call.json ? JSON.stringify(form) : new URLSearchParams(form).toString();
  const content = body ?? (inQuery ? undefined : sent);
  return lab.get(`${path}${query}`, { token: '', method, headers, ...(content && { body: content }) });
}

async function withDigest(lab: Lab, { form, path }: Call): Promise<Record<string, string> | undefined> {
  if (form === undefined) return undefined;
  const values = form as Record<string, string>;
  if (values['digest'] !== '<present>') return values;
  const object = path.includes('/firewall/')
    ? path.replace(/\/\d+$/, '')
    : path.replace(/\/resize$/, '/config');
  const { data } = await lab.get(object);
  return { ...values, digest: ([data].flat() as PveRow[])[0]!.digest };
}

async function authorization(lab: Lab, token: string): Promise<Record<string, string>> {
  if (token === 'none') return {};
  if (token.startsWith('ticket')) {
    const { username, password } = lab.sim.users.root;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ username, password }).toString();
    const { data } = await lab.get('/access/ticket', { token: '', method: 'POST', headers, body });
    return { cookie: `PVEAuthCookie=${encodeURIComponent((data as PveRow).ticket)}` };
  }
  const privilege = /!p-(.+)$/.exec(token)?.[1];
  const acl =
    privilege !== undefined
      ? { privs: [privilege] }
      : { role: { 'audit@pve!ro': 'PVEAuditor', 'mcp@pve!none': 'NoAccess' }[token] ?? 'Administrator' };
  return { authorization: `PVEAPIToken=${lab.sim.world.addToken(token, [{ path: '/', ...acl }], SECRET)}` };
}
