import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, ended, runProgram, spawnProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { type Message, messagesIn, toldBy } from '../support/rpc.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.sim.faults.clear());
afterAll(() => world.close());

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const notify = (method: string, params?: object) => ({
  jsonrpc: '2.0',
  method: `notifications/${method}`,
  params,
});
const call = (id: number, name: string, args?: unknown) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const opening = [initialize, notify('initialized')];
/** Requests as lines; text goes as it is. */
const lines = (...messages: (object | string)[]) =>
  messages.map(one => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');

/** The answers by id. Every line must be JSON-RPC, and no id may be answered twice. */
function answers({ stdout, stderr, code }: Ended): Map<number | string, Message> {
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/\n\s+at |Warning/);
  expect(stdout === '' || stdout.endsWith('\n')).toBe(true);
  const messages = messagesIn(stdout);
  for (const message of messages) {
    expect(message.jsonrpc).toBe('2.0');
    expect('id' in message ? Number('result' in message) + Number('error' in message) : 1).toBe(1);
  }
  const given = messages.filter(message => 'id' in message);
  const byId = new Map(given.map(message => [message.id, message]));
  expect(byId.size).toBe(given.length);
  return byId;
}
const serve = async (...messages: (object | string)[]) =>
  answers(await runHere(['serve'], world.env, lines(...messages)));
const overPipes = async (...messages: (object | string)[]) =>
  answers(await runProgram(['serve'], world.env, lines(...messages)));
/** Whether each id was answered with facts. */
function expectFacts(answered: Map<number | string, Message>, ids: number[]): void {
  for (const id of ids) {
    const result = answered.get(id)?.result;
    expect(result?.isError, `${id}: ${JSON.stringify(result)}`).toBeFalsy();
    expect(result?.structuredContent, String(id)).toMatchObject({ as_of: expect.anything() });
  }
}
/** A server on whose stdin messages may be written one by one. */
function start() {
  const child = spawnProgram(['serve'], world.env);
  child.stdin.on('error', () => {});
  return {
    child,
    end: ended(child),
    send: (...messages: (object | string)[]) => child.stdin.write(lines(...messages)),
  };
}
/** Holds the next question to Proxmox for so long (ms); resolves once it has been asked. */
function hold(delayMs: number): () => Promise<void> {
  const before = world.sim.requests.count();
  world.sim.faults.add({ match: /./, kind: 'slow', delayMs, times: 1 });
  return async () => {
    while (world.sim.requests.count() === before) await delay(10);
  };
}
const fresh = { max_age_seconds: 0, limit: 1 };

describe('what clients send', () => {
  test('parameters of any method that do not fit are the fault of who sent them, in plain words', async () => {
    const answered = await serve(
      { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 5 } },
      { jsonrpc: '2.0', id: 2, method: 'prompts/get', params: {} },
      { jsonrpc: '2.0', id: 3, method: 'completion/complete', params: { ref: 1 } },
      { jsonrpc: '2.0', id: 4, method: 'resources/subscribe' },
      { jsonrpc: '2.0', id: 5, method: 'tools/list', params: { cursor: 5 } },
      { jsonrpc: '2.0', id: 6, method: 'resources/list', params: { cursor: {} } },
    );
    for (const id of [1, 2, 3, 4, 5, 6]) expect(answered.get(id)!.error.code, String(id)).toBe(-32602);
    expect(answered.get(1)!.error.message).toContain('resources/read: params.uri: ');
    expect(JSON.stringify([...answered])).not.toContain('invalid_type');
  });

  test('arguments missing, null, as text, too many or of no use: each has its outcome', async () => {
    const answered = await serve(
      call(1, 'get_cluster_status'),
      call(2, 'get_cluster_status', null),
      call(3, 'get_resource', { resource: '101' }),
      call(4, 'get_resource', { resource: 101 }),
      call(5, 'list_vms', { limit: '1', node: null, tag: '' }),
      call(6, 'list_vms', { color: 'red' }),
      call(7, 'no_tool', {}),
      call(8, 'list_vms', ['pve1']),
      call(9, 'list_vms', 'pve1'),
      { jsonrpc: '2.0', id: 10, method: 'tools/call' },
      { jsonrpc: '2.0', id: 11, method: 'tools/burn' },
      { ...call(12, 'list_nodes'), more: true },
      { jsonrpc: '2.0', id: 13, method: 'ping', params: null },
      { id: 14, method: 'ping' },
    );
    expectFacts(answered, [1, 2, 3, 4, 5]);
    expect(toldBy('get_resource', answered.get(3)).resource.resource).toBe('vm/101');
    expect(toldBy('get_resource', answered.get(4)).resource.resource).toBe('vm/101');
    expect(toldBy('list_vms', answered.get(5)).vms).toHaveLength(1);
    expect(answered.get(6)!.result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('no argument "color"') }],
    });
    expect(answered.get(7)!.error.message).toContain('There is no tool "no_tool".');
    for (const id of [7, 8, 9, 10]) expect(answered.get(id)!.error.code, String(id)).toBe(-32602);
    expect(answered.get(11)!.error.code).toBe(-32601);
    for (const id of [12, 13, 14]) expect(answered.get(id)!.error.code, String(id)).toBe(-32600);
    expect(answered.size).toBe(14);
  });

  test('what is no message is passed over, and calls need not wait for the opening', async () => {
    const answered = await serve(
      call(1, 'list_nodes'),
      'no message',
      '',
      '{"jsonrpc":"2.0","id":',
      '[]',
      'null',
      '{"jsonrpc":"1.0"}',
      '\u0000\uFFFD',
      initialize,
      call(2, 'list_nodes'),
      notify('initialized'),
      notify('nobody/knows'),
      notify('cancelled', { requestId: 999 }),
      { jsonrpc: '2.0', id: 5, result: {} },
      call(3, 'list_nodes'),
      '{"jsonrpc":"2.0","id":4',
    );
    expectFacts(answered, [1, 2, 3]);
    expect(answered.get(0)!.result.serverInfo.name).toBe('proxmox-mpc');
    expect([...answered.keys()].sort()).toEqual([0, 1, 2, 3]);
  });

  test('lines of megabytes: one in bounds is answered, one beyond takes no other call with it', async () => {
    const answered = await overPipes(
      ...opening,
      call(1, 'list_nodes'),
      'x'.repeat(10_000_000),
      call(2, 'list_vms', { name: 'x'.repeat(10_000_000) }),
      'x'.repeat(12_000_000),
      call(3, 'list_vms', { name: 'x'.repeat(12_000_000) }),
      call(4, 'list_nodes'),
    );
    expectFacts(answered, [1, 4]);
    expect(answered.get(2)!.result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('name: Too big') }],
    });
    expect([...answered.keys()].sort()).toEqual([0, 1, 2, 4]);
  });

  test('the last line needs no end', async () => {
    const answered = answers(
      await runHere(['serve'], world.env, lines(...opening, call(1, 'list_nodes')).trimEnd()),
    );
    expectFacts(answered, [1]);
  });
});

describe('many and long calls', () => {
  test('a hundred at once, the client reading late: each has its own answer', async () => {
    const { child, end, send } = start();
    const ids = Array.from({ length: 100 }, (_, at) => at + 1);
    child.stdout.pause();
    send(...opening, ...ids.map(id => call(id, 'list_vms', { limit: (id % 5) + 5, detail: 'full' })));
    child.stdin.end();
    // What nobody reads fills the pipe, and holds up whoever writes.
    while (child.stdout.readableLength < child.stdout.readableHighWaterMark) await delay(10);
    await delay(200);
    child.stdout.resume();
    const answered = answers(await end);
    expectFacts(answered, ids);
    for (const id of ids)
      expect(toldBy('list_vms', answered.get(id)).vms, String(id)).toHaveLength((id % 5) + 5);
    expect(answered.size).toBe(101);
  });

  test('a cancelled call is not answered; the one that shares its refresh is', async () => {
    const { child, end, send } = start();
    const asked = hold(500);
    send(...opening, call(1, 'list_vms', fresh), call(2, 'list_vms', fresh));
    await asked();
    send(notify('cancelled', { requestId: 1, reason: 'enough' }));
    child.stdin.end();
    const answered = answers(await end);
    expectFacts(answered, [2]);
    expect([...answered.keys()].sort()).toEqual([0, 2]);
  });

  test.each(['end of input', 'SIGTERM'] as const)('%s with calls in flight: they are answered', async how => {
    const { child, end, send } = start();
    const asked = hold(500);
    send(...opening, call(1, 'list_vms', fresh), call(2, 'list_nodes', { max_age_seconds: 0 }));
    await asked();
    if (how === 'SIGTERM') child.kill('SIGTERM');
    else child.stdin.end();
    const answered = answers(await end);
    expectFacts(answered, [1, 2]);
    expect(answered.size).toBe(3);
  });

  test('a client that goes away with calls in flight ends it at once and quietly', async () => {
    const { child, end, send } = start();
    const asked = hold(500);
    send(...opening, ...Array.from({ length: 50 }, (_, at) => call(at + 1, 'list_vms', fresh)));
    await asked();
    child.stdout.destroy();
    const { code, stderr } = await end;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/\n\s+at |EPIPE/);
    expect(stderr.split('\n').length).toBeLessThan(20);
  });

  test('a client that goes away leaves no simulated cluster behind', async () => {
    const folders = async () =>
      (await readdir(world.folder)).filter(name => name.startsWith('proxmox-mpc-demo-'));
    const child = spawnProgram(['serve', '--demo'], { ...world.env, TMPDIR: world.folder });
    child.stdin.on('error', () => {});
    const end = ended(child);
    while ((await folders()).length === 0) await delay(20);
    child.stdout.destroy();
    child.stdin.write(lines(...opening));
    expect((await end).code).toBe(0);
    expect(await folders()).toEqual([]);
  });
});
