import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, spawnProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { type Message, messagesIn, toldBy } from '../support/rpc.ts';

const MODERN = '2026-07-28';
const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const meta = {
  [VERSION]: MODERN,
  [CAPABILITIES]: {},
  'io.modelcontextprotocol/clientInfo': client('modern'),
};

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await runHere(['discover'], world.env);
});
afterAll(() => world.close());

function client(name: string) {
  return { name, version: '1' };
}
const request = (id: number | string, method: string, params: object = {}, _meta: object = meta) => ({
  jsonrpc: '2.0',
  id,
  method,
  params: { ...params, _meta },
});
const legacy = (id: number, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
const initialize = legacy(0, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: client('legacy'),
});

/** All that the program writes to these messages, given at once. */
async function exchange(...messages: object[]): Promise<Message[]> {
  const input = messages.map(one => `${JSON.stringify(one)}\n`).join('');
  const { code, stdout } = await runHere(['serve'], world.env, input);
  expect(code).toBe(0);
  return messagesIn(stdout);
}
const byId = (messages: Message[]) => new Map(messages.map(message => [message.id, message]));

/** Methods, what they take, and whether their answers say how long they may be kept. */
const METHODS: [method: string, params: object, cached: boolean][] = [
  ['server/discover', {}, true],
  ['tools/list', {}, true],
  ['prompts/list', {}, true],
  ['resources/list', {}, true],
  ['resources/templates/list', {}, true],
  ['resources/read', { uri: 'proxmox://cluster' }, true],
  ['tools/call', { name: 'list_vms', arguments: { limit: 2 } }, false],
  ['tools/call', { name: 'list_vms', arguments: { nonsense: 2 } }, false],
  ['prompts/get', { name: 'whats_changed' }, false],
  [
    'completion/complete',
    {
      ref: { type: 'ref/resource', uri: 'proxmox://nodes/{node}' },
      argument: { name: 'node', value: 'p' },
    },
    false,
  ],
];

describe('an answer of revision 2026-07-28', () => {
  test('says what it is, who made it, and how long it may be kept; an older one does not', async () => {
    const modern = byId(
      await exchange(...METHODS.map(([method, params], id) => request(id, method, params))),
    );
    for (const [id, [method, , cached]] of METHODS.entries()) {
      const { result } = modern.get(id)!;
      expect(result, method).toMatchObject({
        resultType: 'complete',
        _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'proxmox-mpc' } },
      });
      expect('ttlMs' in result && 'cacheScope' in result, method).toBe(cached);
      if (cached) expect(result).toMatchObject({ ttlMs: expect.any(Number), cacheScope: 'private' });
    }
    const older = byId(
      await exchange(
        initialize,
        ...METHODS.slice(1).map(([method, params], at) => legacy(at + 1, method, params)),
      ),
    );
    for (const [at, [method]] of METHODS.slice(1).entries()) {
      const { result } = older.get(at + 1)!;
      for (const key of ['resultType', 'ttlMs', 'cacheScope', '_meta'])
        expect(result, method).not.toHaveProperty(key);
      // The same facts; lists to the byte.
      const { resultType, ttlMs, cacheScope, _meta, ...facts } = modern.get(at + 1)!.result;
      expect(Object.keys(facts)).toEqual(Object.keys(result));
      if (method.endsWith('/list')) expect(facts).toEqual(result);
    }
  });

  test('names versions, capabilities and instructions to server/discover, as initialize does', async () => {
    const answered = byId(await exchange(initialize, request(1, 'server/discover')));
    const { capabilities, instructions, protocolVersion } = answered.get(0)!.result;
    expect(protocolVersion).toBe('2025-11-25');
    expect(answered.get(1)!.result).toMatchObject({
      supportedVersions: [MODERN],
      capabilities,
      instructions,
    });
  });

  test('eras may take turns on one connection', async () => {
    const answered = byId(
      await exchange(
        request(1, 'tools/call', { name: 'list_nodes' }),
        initialize,
        legacy(2, 'tools/call', { name: 'list_nodes' }),
        request(3, 'tools/call', { name: 'list_nodes' }),
      ),
    );
    const nodes = [1, 2, 3].map(id => toldBy('list_nodes', answered.get(id)).nodes.length);
    expect(nodes).toEqual([3, 3, 3]);
    expect([1, 2, 3].map(id => answered.get(id)!.result.resultType)).toEqual([
      'complete',
      undefined,
      'complete',
    ]);
  });
});

describe('what revision 2026-07-28 does not take', () => {
  test('is refused with the number for it', async () => {
    const cases: [method: string, given: { [key: string]: unknown }, code: number][] = [
      ['tools/list', { [CAPABILITIES]: {} }, -32602],
      ['tools/list', { [VERSION]: MODERN }, -32602],
      ['tools/list', { [VERSION]: 20260728, [CAPABILITIES]: {} }, -32602],
      ['tools/list', { [VERSION]: MODERN, [CAPABILITIES]: [] }, -32602],
      ['server/discover', {}, -32602],
      ['subscriptions/listen', {}, -32602],
      ['tools/list', { ...meta, [VERSION]: '2099-01-01' }, -32022],
      ['tools/call', { ...meta, [VERSION]: '2025-11-25' }, -32022],
      ['tools/burn', meta, -32601],
      ...['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'].map(
        method => [method, meta, -32601] as [string, typeof meta, number],
      ),
    ];
    const params = { uri: 'proxmox://cluster' };
    const answered = byId(
      await exchange(...cases.map(([method, given], id) => request(id, method, params, given))),
    );
    for (const [id, [method, given, code]] of cases.entries()) {
      const { error } = answered.get(id)!;
      expect(error.code, `${method} ${JSON.stringify(given)}`).toBe(code);
      if (code === -32022) expect(error.data).toEqual({ supported: [MODERN], requested: given[VERSION] });
    }
  });

  test('a resource that is not there is a wrong parameter, and was a number of its own before', async () => {
    const uris = ['proxmox://vms/999999', 'proxmox://nodes/none', 'proxmox://nothing', 'file:///etc/passwd'];
    const modern = await exchange(...uris.map((uri, id) => request(id, 'resources/read', { uri })));
    expect(modern.map(message => message.error.code)).toEqual(uris.map(() => -32602));
    const older = await exchange(...uris.map((uri, id) => legacy(id, 'resources/read', { uri })));
    expect(older.map(message => message.error.code)).toEqual(uris.map(() => -32002));
  });
});

describe('a listener', () => {
  /** A server and what it says, message by message. */
  function converse() {
    const child = spawnProgram(['serve'], world.env);
    const end = ended(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      send: (...messages: object[]) =>
        child.stdin.write(messages.map(one => `${JSON.stringify(one)}\n`).join('')),
      next: async () => JSON.parse((await lines.next()).value ?? 'null') as Message,
      /** Ends the input; the rest of what it says. */
      close: async () => {
        child.stdin.end();
        const rest: Message[] = [];
        for (let line = await lines.next(); !line.done; line = await lines.next())
          rest.push(JSON.parse(line.value) as Message);
        expect((await end).code).toBe(0);
        return rest;
      },
    };
  }
  const fresh = (id: number) =>
    request(id, 'tools/call', { name: 'list_vms', arguments: { max_age_seconds: 0 } });
  const listen = (id: string, notifications: object) =>
    request(id, 'subscriptions/listen', { notifications });

  test('hears first what it will hear, then only that, each time with its own id, and its end', async () => {
    const { send, next, close } = converse();
    send(fresh(1));
    expect((await next()).id).toBe(1);
    send(
      listen('a', {
        toolsListChanged: true,
        promptsListChanged: true,
        resourceSubscriptions: ['proxmox://vms/101', 'proxmox://none', 'proxmox://vms/102'],
      }),
    );
    expect(await next()).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        _meta: { [SUBSCRIPTION]: 'a' },
        notifications: { resourceSubscriptions: ['proxmox://vms/101', 'proxmox://vms/102'] },
      },
    });
    send(listen('b', { resourcesListChanged: true }));
    expect((await next()).params).toEqual({
      _meta: { [SUBSCRIPTION]: 'b' },
      notifications: { resourcesListChanged: true },
    });
    world.sim.world.rename(101, 'renamed');
    send(fresh(2));
    const heard = [await next(), await next()];
    expect(heard.find(message => message.id === 2)).toBeDefined();
    expect(heard.find(message => message.method !== undefined)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: 'proxmox://vms/101', _meta: { [SUBSCRIPTION]: 'a' } },
    });
    const made = world.sim.world.createGuest();
    send(fresh(3));
    const list = [await next(), await next()].find(message => message.method !== undefined)!;
    expect(list.method).toBe('notifications/resources/list_changed');
    expect(list.params._meta).toEqual({ [SUBSCRIPTION]: 'b' });
    expect(made).toBeDefined();
    // Cancelled it hears no more, not even an answer; the other one is told that this is the end.
    send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'a' } });
    world.sim.world.rename(101, 'again');
    send(fresh(4));
    expect((await next()).id).toBe(4);
    expect(await close()).toEqual([
      {
        jsonrpc: '2.0',
        id: 'b',
        result: {
          resultType: 'complete',
          _meta: { [SUBSCRIPTION]: 'b', 'io.modelcontextprotocol/serverInfo': expect.anything() },
        },
      },
    ]);
  });

  test('does not keep answers in flight from coming out at the end of input, nor the server from ending', async () => {
    const answered = byId(
      await exchange(
        listen('a', { resourceSubscriptions: ['proxmox://cluster'] }),
        ...Array.from({ length: 20 }, (_, id) => fresh(id)),
      ),
    );
    for (let id = 0; id < 20; id++)
      expect(toldBy('list_vms', answered.get(id)).vms.length).toBeGreaterThan(0);
    expect(answered.get('a')!.result._meta[SUBSCRIPTION]).toBe('a');
  });

  test('hears nothing of lists unless it asks, and what it asks must be understood', async () => {
    const answered = await exchange(
      request(1, 'resources/list'),
      listen('x', { resourceSubscriptions: 'proxmox://cluster' }),
      request('y', 'subscriptions/listen'),
      listen('z', { resourceSubscriptions: Array.from({ length: 1_001 }, (_, at) => `proxmox://vms/${at}`) }),
    );
    const codes = Object.fromEntries(answered.map(message => [message.id, message.error?.code]));
    expect(codes).toEqual({ 1: undefined, x: -32602, y: -32602, z: -32602 });
  });
});

test('a client of the new revision is known by the name in each request', async () => {
  // Another client each time this is tried.
  const tried = Date.now();
  const ask = async (name: string) => {
    const named = { ...meta, 'io.modelcontextprotocol/clientInfo': client(`${name}-${tried}`) };
    const call = request(1, 'tools/call', { name: 'diff_state', arguments: { from: 'last' } }, named);
    return (await exchange(call))[0]!.result.structuredContent;
  };
  const [first, again, other] = [await ask('one'), await ask('one'), await ask('two')];
  expect(first.hint).toMatch(/first/i);
  expect(again.hint ?? '').not.toBe(first.hint);
  expect(other.hint).toBe(first.hint);
});
