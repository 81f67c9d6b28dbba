import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exchange, guestPath, prepare, recorded, send, tidy } from '../../support/recorded-writes.ts';
import { type Lab, openLab, type RawAnswer } from '../../support/simulator-client.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ nodes: 3, guests: 0 });
});
afterAll(() => lab.close());

const MAC = 'BC:24:11(:[0-9A-F]{2}){3}';
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** A recorded value, in which what is new each time stands for anything of its form. */
function like(value: unknown): unknown {
  if (typeof value !== 'string' || !/<(mac|uuid|time|upid)>/.test(value)) return value;
  const forms: Record<string, string> = { mac: MAC, uuid: UUID, time: '\\d+', upid: 'UPID:[^ ]+:' };
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return expect.stringMatching(new RegExp(`^${escaped.replace(/<(\w+)>/g, (_, name) => forms[name]!)}$`));
}

function alike(values: object): object {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, like(value)]));
}

/** What a guest shows of itself: config, running config, what waits, and the newest line of the log. */
async function look(resource: string | undefined) {
  const newest = (await lab.rows('/cluster/log?max=1'))[0]?.uid;
  if (resource === undefined) return { newest };
  const at = guestPath(resource);
  const [config, running, pending] = await Promise.all([
    lab.get(`${at}/config`),
    lab.get(`${at}/config?current=1`),
    lab.get(`${at}/pending`),
  ]);
  return {
    newest,
    config: config.data as Config | undefined,
    running: running.data as Config,
    pending: pending.data as object[],
  };
}

type Config = { [key: string]: unknown };
type Look = Awaited<ReturnType<typeof look>>;

function changed(before: Record<string, unknown>, after: Record<string, unknown>): object {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  keys.delete('digest');
  const moved = [...keys].filter(key => before[key] !== after[key]);
  return Object.fromEntries(moved.map(key => [key, after[key] ?? null]));
}

function checkAnswer(exchange: Exchange, answer: RawAnswer): void {
  const { status, reason, errors, data, text } = exchange.answer;
  expect({ status: answer.status, reason: reason && answer.reason }).toEqual({ status, reason });
  expect(answer.json?.errors).toEqual(errors);
  if (text !== undefined) expect(answer.body).toBe(text);
  if (data !== undefined && exchange.call.method !== 'GET') expect(answer.data).toEqual(data);
}

async function checkTask({ task, call }: Exchange, upid: string): Promise<void> {
  if (task === undefined) return;
  const done = await lab.data(`/nodes/pve1/tasks/${encodeURIComponent(upid)}/status`);
  const [user, tokenid] = (call.token ?? 'root@pam!lab').split('!');
  expect(done).toMatchObject({
    type: task.type,
    id: task.id,
    exitstatus: task.status,
    status: 'stopped',
    user,
    tokenid,
  });
}

async function checkGuest(exchange: Exchange, before: Look, after: Look): Promise<void> {
  const { changes = {}, runningChanges = changes, pending = [], digest, becomes, given } = exchange;
  if (exchange.after !== 'absent' && before.config?.digest !== undefined) {
    expect(changed(before.config, after.config!)).toEqual(alike(changes));
    expect(changed(before.running!, after.running!)).toEqual(alike(runningChanges));
    const waiting = after.pending!.filter(row => 'pending' in row || 'delete' in row);
    expect(waiting).toHaveLength(pending.length);
    for (const row of pending) expect(waiting).toContainEqual(row);
    const same = before.config.digest === after.config!.digest;
    if (digest !== undefined) expect(same ? 'same' : 'other').toBe(digest);
  }
  if (becomes === undefined || given?.guest === undefined) return;
  const current = await lab.data(`${guestPath(given.guest)}/status/current`);
  expect(current.qmpstatus ?? current.status).toBe(becomes);
}

async function checkMade({ after, config, call, task }: Exchange): Promise<void> {
  if (after === undefined) return;
  const vmid = call.form?.['newid'] ?? call.form?.['vmid'] ?? task?.id;
  const at = call.path.replace(/(qemu|lxc).*/, `$1/${vmid}/config`);
  const answer = await lab.get(at);
  expect(answer.status).toBe(after === 'present' ? 200 : 500);
  if (config !== undefined) {
    const { digest, ...made } = answer.data as Config;
    expect(digest).toMatch(/^[0-9a-f]{40}$/);
    expect(made).toEqual(alike(config));
  }
}

/** Without what has no order, no digest, or is computed from elsewhere. */
function plain(object: unknown): unknown {
  if (Array.isArray(object)) return (object.map(plain) as { pos: number }[]).sort((a, b) => a.pos - b.pos);
  const { digest, 'allowed-tags': _, 'next-run': __, mode, ...facts } = object as Config;
  if (typeof facts['content'] === 'string') facts['content'] = facts['content'].split(',').sort().join();
  return facts;
}

async function checkObject({ object, call }: Exchange): Promise<void> {
  if (object === undefined) return;
  const at = call.path
    .replace(/\/rules\/\d+$/, '/rules')
    .replace(/^\/cluster\/ha\/resources$/, `/cluster/ha/resources/${call.form?.['sid']}`);
  const list = /^\/cluster\/backup\/(\w+)$/.exec(at);
  const found = list
    ? (await lab.rows('/cluster/backup')).find(job => job.id === list[1])
    : await lab.data(at);
  const [now, then] = [plain(found), plain(object)];
  // What the lab's own datacenter is set to beside what the exchange changed.
  if (Array.isArray(then)) expect(now).toMatchObject(then);
  else expect(now).toEqual(then);
}

async function checkLog({ log }: Exchange, before: Look): Promise<void> {
  if (log === undefined) return;
  const lines = await lab.rows('/cluster/log');
  const fresh = lines.slice(
    0,
    lines.findIndex(line => line.uid === before.newest),
  );
  expect(fresh.map(line => line.msg)).toEqual(log.map(like));
}

describe('what a real Proxmox VE answered, left and logged', () => {
  test.each(
    recorded.exchanges.map((exchange, index) => [`${index} ${exchange.what}`, exchange] as const),
  )('%s', async (_, exchange) => {
    await prepare(lab, exchange);
    const { guest, lost } = exchange.given ?? {};
    const before = await look(guest);
    if (lost !== undefined)
      lab.sim.faults.add({
        match: exchange.call.path,
        method: 'PUT',
        kind: 'status',
        status: lost,
        reason: 'Connection timed out',
        acts: true,
      });
    const answer = await send(lab, exchange.call);
    if (exchange.task !== undefined && exchange.task.status !== 'OK') lab.sim.clock.advance(5_000);
    checkAnswer(exchange, answer);
    await checkTask(exchange, String(answer.data));
    await checkLog(exchange, before);
    const after = await look(guest);
    if (lost === undefined) await checkGuest(exchange, before, after);
    else expect(after.config).toMatchObject({ description: exchange.call.form!['description'] });
    await checkMade(exchange);
    await checkObject(exchange);
    tidy(lab, exchange);
  });
});
