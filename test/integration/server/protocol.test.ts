import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prompts } from '../../../prompts/index.ts';
import { resources } from '../../../resources/index.ts';
import { noLog } from '../../../src/log.ts';
import { createMcpServer } from '../../../src/mcp/server/server.ts';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
let client: Client;
let updates: string[];
let listChanges: number;

beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 20 });
  lab.sim.clock.advance(60_000);
  const server = createMcpServer({
    runner: lab.runner,
    resources,
    prompts,
    version: '0.0.0',
    timeZone: 'UTC',
    log: noLog,
  });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  client = new Client({ name: 'a-host', version: '1' });
  await Promise.all([server.connect(ours), client.connect(theirs)]);
  updates = [];
  listChanges = 0;
  client.setNotificationHandler(
    ResourceUpdatedNotificationSchema,
    ({ params }) => void updates.push(params.uri),
  );
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void listChanges++);
});
afterEach(async () => {
  await client.close();
  await lab.close();
});

const read = async (uri: string) =>
  JSON.parse(((await client.readResource({ uri })).contents[0] as { text: string }).text);
const complete = async (uri: string, name: string, value: string, chosen?: { [name: string]: string }) =>
  (
    await client.complete({
      ref: { type: 'ref/resource', uri },
      argument: { name, value },
      ...(chosen && { context: { arguments: chosen } }),
    })
  ).completion.values;

describe('resources', () => {
  test('read as JSON with their age', async () => {
    const { tasks } = await lab.call('list_tasks', { limit: 1 });
    const uris = [
      'proxmox://cluster',
      'proxmox://nodes',
      'proxmox://nodes/pve1',
      'proxmox://vms',
      'proxmox://vms/101',
      'proxmox://containers',
      'proxmox://containers/200',
      'proxmox://storage',
      'proxmox://storage/local-zfs',
      `proxmox://tasks/${encodeURIComponent(tasks[0]!.upid)}`,
      `proxmox://tasks/${tasks[0]!.upid}`,
      'proxmox://history/vm/101',
      'proxmox://history/storage/local',
      'proxmox://changes/latest',
    ];
    for (const uri of uris) {
      const body = await read(uri);
      expect(body, uri).toMatchObject({ as_of: expect.any(String), source: 'live' });
      expect(Buffer.byteLength(JSON.stringify(body)), uri).toBeLessThanOrEqual(20_000);
    }
    expect(await read('proxmox://vms/101')).toMatchObject({ resource: 'vm/101', config: { cores: 4 } });
    expect(await read('proxmox://runs/1')).toMatchObject({ run: 1, status: 'completed', changes: [] });
    for (const uri of [
      'proxmox://vms/999',
      'proxmox://vms/web01',
      'proxmox://containers/99999999999999999999',
      'proxmox://nope',
      'proxmox://history/thing/1',
      'proxmox://runs/x',
      'proxmox://tasks/x',
      'proxmox://storage/none',
    ])
      await expect(client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32002 });
  });

  test('have their templates, and a list in pages of all there is', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(one => one.uriTemplate).sort()).toEqual(
      resources
        .map(one => one.uri)
        .filter(uri => uri.includes('{'))
        .sort(),
    );
    for (let round = 0; round < 220; round++)
      lab.sim.world.createGuest({ name: `many-${round}`, node: 'pve1' });
    await lab.discover();
    const uris: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await client.listResources(cursor === undefined ? {} : { cursor });
      uris.push(...page.resources.map(one => one.uri));
      cursor = page.nextCursor;
      pages++;
    } while (cursor !== undefined);
    expect(pages).toBe(2);
    expect(new Set(uris).size).toBe(uris.length);
    expect(uris).toEqual(
      expect.arrayContaining([
        'proxmox://cluster',
        'proxmox://changes/latest',
        'proxmox://vms/101',
        'proxmox://nodes/pve1',
        'proxmox://storage/local',
      ]),
    );
    await expect(client.listResources({ cursor: 'x' })).rejects.toThrow(/cursor/);
  });

  test('complete every variable', async () => {
    expect(await complete('proxmox://nodes/{node}', 'node', 'pve')).toEqual(['pve1', 'pve2', 'pve3']);
    expect(await complete('proxmox://vms/{vmid}', 'vmid', '10')).toContain('101');
    expect(await complete('proxmox://containers/{vmid}', 'vmid', '20')).toContain('200');
    expect(await complete('proxmox://storage/{storage}', 'storage', 'local')).toEqual(['local', 'local-zfs']);
    expect((await complete('proxmox://tasks/{upid}', 'upid', 'UPID:pve1')).length).toBeGreaterThan(0);
    expect(await complete('proxmox://history/{type}/{id}', 'type', '')).toEqual([
      'cluster',
      'node',
      'vm',
      'container',
      'storage',
      'backup-job',
      'pool',
      'ha',
    ]);
    expect(await complete('proxmox://history/{type}/{id}', 'id', 'pve', { type: 'node' })).toEqual([
      'pve1',
      'pve2',
      'pve3',
    ]);
    expect(await complete('proxmox://runs/{run}', 'run', '')).toContain('1');
  });

  test('a subscription hears of commits that change it, and of no others', async () => {
    for (const uri of [
      'proxmox://vms/101',
      'proxmox://vms',
      'proxmox://history/vm/101',
      'proxmox://changes/latest',
      'proxmox://vms/102',
    ])
      await client.subscribeResource({ uri });
    lab.sim.world.setTags(101, ['heard']);
    await lab.discover({ deep: true });
    await delay(20);
    expect([...new Set(updates)].sort()).toEqual([
      'proxmox://changes/latest',
      'proxmox://history/vm/101',
      'proxmox://vms',
      'proxmox://vms/101',
    ]);
    updates.length = 0;
    lab.sim.clock.advance(60_000);
    await lab.discover({ deep: true });
    await delay(20);
    expect(updates).toEqual([]);
    await client.unsubscribeResource({ uri: 'proxmox://vms/101' });
    lab.sim.world.setTags(101, ['unheard']);
    await lab.discover({ deep: true });
    await delay(20);
    expect(updates).not.toContain('proxmox://vms/101');
    await expect(client.subscribeResource({ uri: 'proxmox://nope' })).rejects.toThrow(/no resource/);
  });

  test('the list is told to have changed when guests come and go, not when they change', async () => {
    await client.listResources();
    lab.sim.world.setTags(101, ['same-list']);
    await lab.discover({ deep: true });
    await delay(20);
    expect(listChanges).toBe(0);
    lab.sim.world.createGuest({ name: 'newcomer', node: 'pve1' });
    await lab.discover();
    await delay(50);
    expect(listChanges).toBe(1);
  });
});

describe('prompts', () => {
  test('list, fill in and complete', async () => {
    const { prompts: listed } = await client.listPrompts();
    expect(listed.map(one => one.name)).toEqual([
      'whats_changed',
      'investigate_resource',
      'health_review',
      'capacity_report',
    ]);
    for (const { description, arguments: declared } of listed) {
      expect(description?.length).toBeGreaterThan(20);
      for (const argument of declared ?? []) expect(argument.description?.length).toBeGreaterThan(5);
    }
    const { messages } = await client.getPrompt({
      name: 'investigate_resource',
      arguments: { resource: 'vm/101' },
    });
    expect((messages[0]!.content as { text: string }).text).toContain('get_resource {"resource":"vm/101"}');
    await expect(client.getPrompt({ name: 'investigate_resource' })).rejects.toThrow(/needs resource/);
    await expect(client.getPrompt({ name: 'nope' })).rejects.toThrow(/whats_changed/);
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'investigate_resource' },
      argument: { name: 'resource', value: 'vm/10' },
    });
    expect(completion.values).toContain('vm/101');
  });

  test('name only tools that exist, with arguments they take', () => {
    for (const prompt of prompts) {
      const text = prompt.text({ resource: 'vm/101', node: 'pve1' });
      for (const [, name, args] of text.matchAll(
        /\b((?:get|list|find|show|diff)_[a-z_]+|discover)(?: (\{[^}]*\}))?/g,
      )) {
        const tool = lab.runner.tools.find(one => one.name === name);
        expect(tool, `${prompt.name} names ${name}`).toBeDefined();
        for (const argument of Object.keys(JSON.parse(args ?? '{}') as object))
          expect(Object.keys(tool!.input)).toContain(argument);
      }
    }
  });
});

describe('calls', () => {
  test('progress is told to who asks for it', async () => {
    const told: { done: number; total: number | undefined; message: string | undefined }[] = [];
    let last = 0;
    await client.callTool({ name: 'discover', arguments: { deep: true } }, undefined, {
      onprogress: ({ progress, total, message }) => {
        expect(progress).toBeGreaterThan(last);
        last = progress;
        told.push({ done: progress, total, message });
      },
    });
    expect(told.length).toBeGreaterThan(0);
    for (const { done, total, message } of told) {
      expect(done).toBeLessThanOrEqual(total!);
      expect(message).toBe(`${done} of ${total} requests answered`);
    }
  });

  test("cancelling ends the caller's wait and harms no one else's", async () => {
    lab.sim.world.nodeFrozen('pve2', true, 400);
    const cancel = new AbortController();
    const mine = client.callTool({ name: 'discover', arguments: { deep: true } }, undefined, {
      signal: cancel.signal,
    });
    const other = lab.discover({ deep: true });
    await delay(30);
    cancel.abort('enough');
    await expect(mine).rejects.toThrow(/enough/);
    await expect(other).resolves.toMatchObject({ status: 'completed' });
    lab.sim.world.nodeFrozen('pve2', false);
    expect((await client.callTool({ name: 'list_vms', arguments: {} })).isError).toBeUndefined();
  });

  test('an unknown tool, missing arguments and wrong ones are told apart', async () => {
    await expect(client.callTool({ name: 'list_wms' })).rejects.toThrow(/Did you mean list_vms/);
    expect((await client.callTool({ name: 'list_vms' })).isError).toBeUndefined();
    const wrong = await client.callTool({ name: 'get_resource', arguments: {} });
    expect(wrong.isError).toBe(true);
    expect((wrong.content as { text: string }[])[0]!.text).toMatch(/resource[\s\S]*Example/);
  });

  test("the last comparison is the client's own", async () => {
    await client.callTool({ name: 'diff_state', arguments: {} });
    const mine = await client.callTool({ name: 'diff_state', arguments: { from: 'last' } });
    expect(JSON.stringify(mine.structuredContent)).not.toContain('first comparison');
    expect((await lab.call('diff_state', { from: 'last' })).hint).toContain('first comparison');
  });
});
