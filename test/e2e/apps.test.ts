import { readFile } from 'node:fs/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClient, DRAWS } from '../support/apps-client.ts';
import { startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { messagesIn } from '../support/rpc.ts';

let world: World;
let plain: Client;
let drawing: Client;
beforeAll(async () => {
  world = await startWorld();
  plain = await connectClient(world.env);
  drawing = await connectClient(world.env, DRAWS);
});
afterAll(async () => {
  await plain?.close();
  await drawing?.close();
  await world?.close();
});

const URI = 'ui://proxmox-mpc/timeline';

describe('a host that draws no pages', () => {
  test('is told of none: its lists are the ones checked in', async () => {
    const snapshot = await readFile(new URL('../support/tools-list.json', import.meta.url), 'utf8');
    expect((await plain.listTools()).tools).toEqual(JSON.parse(snapshot));
    expect(JSON.stringify(await plain.listResources())).not.toContain('ui://');
    expect(JSON.stringify(plain.getServerCapabilities())).not.toContain('ui');
    for (const other of [
      { extensions: {} },
      { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/plain'] } } },
    ]) {
      const client = await connectClient(world.env, other);
      expect(JSON.stringify(await client.listTools())).not.toContain('_meta');
      await client.close();
    }
  });

  test('does not find what pages call, nor hear its name', async () => {
    const refused = await plain
      .callTool({ name: 'timeline_facts', arguments: {} })
      .catch(error => String(error));
    expect(refused).toContain('There is no tool "timeline_facts"');
    expect(String(refused).split('timeline_facts')).toHaveLength(2);
  });
});

describe('a host that draws pages', () => {
  test('sees the same tools, those with a page naming it, and one that only pages call', async () => {
    const { tools } = await drawing.listTools();
    const listed = tools.filter(({ name }) => name !== 'timeline_facts');
    expect(listed.map(({ _meta: _, ...tool }) => tool)).toEqual((await plain.listTools()).tools);
    const pages = tools.flatMap(({ name, _meta }) => (_meta === undefined ? [] : [[name, _meta]]));
    expect(Object.fromEntries(pages)).toEqual({
      diff_state: { ui: { resourceUri: URI } },
      show_history: { ui: { resourceUri: URI } },
      show_usage: { ui: { resourceUri: 'ui://proxmox-mpc/usage' } },
      timeline_facts: { ui: { resourceUri: URI, visibility: ['app'] } },
    });
  });

  test('may say so in each request, as since 2026-07-28', async () => {
    const prefix = 'io.modelcontextprotocol';
    const list = (id: number, capabilities: object) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/list',
      params: {
        _meta: {
          [`${prefix}/protocolVersion`]: '2026-07-28',
          [`${prefix}/clientCapabilities`]: capabilities,
          [`${prefix}/clientInfo`]: { name: 'host', version: '1' },
        },
      },
    });
    const input = [list(1, DRAWS), list(2, {})].map(one => `${JSON.stringify(one)}\n`).join('');
    const { stdout } = await runHere(['serve'], world.env, input);
    const [drawn, other] = messagesIn(stdout).sort((a, b) => Number(a.id) - Number(b.id));
    expect(JSON.stringify(drawn!.result.tools)).toContain(URI);
    expect(JSON.stringify(other!.result.tools)).not.toContain('ui://');
  });

  test.each([URI, 'ui://proxmox-mpc/usage'])('reads %s, which may load nothing', async uri => {
    const { resources } = await drawing.listResources();
    expect(resources).toContainEqual(expect.objectContaining({ uri, mimeType: 'text/html;profile=mcp-app' }));
    const { contents } = await drawing.readResource({ uri });
    expect(contents).toHaveLength(1);
    const { text, ...rest } = contents[0] as { text: string };
    expect(rest).toEqual({
      uri,
      mimeType: 'text/html;profile=mcp-app',
      _meta: { ui: { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true } },
    });
    expect(Buffer.byteLength(text)).toBeLessThan(150_000);
    expect(text).toContain("default-src 'none'");
    expect(text.replaceAll('http://www.w3.org/2000/svg', ''), 'a name, and no address').not.toMatch(
      /https?:\/\//,
    );
  });

  test('gets the same answers, and a page gets the whole history with the end of each task', async () => {
    const ask = (client: Client, name: string, args: object) =>
      client.callTool({ name, arguments: { ...args } }) as Promise<CallToolResult>;
    // One moment for all calls: a span ends later in each.
    const since = new Date(Date.now() - 7 * 86_400_000).toISOString();
    await ask(plain, 'declare_state', { resource: 'vm/100', set: ['onboot=1'] });
    await ask(plain, 'plan_changes', {});
    await ask(plain, 'discover', {});
    const [one, other] = [
      await ask(plain, 'show_history', { since }),
      await ask(drawing, 'show_history', { since }),
    ];
    expect(other.structuredContent?.['history']).toEqual(one.structuredContent?.['history']);
    const { structuredContent, content } = await ask(drawing, 'timeline_facts', { since });
    const { history, total } = structuredContent as {
      history: { task?: string; until?: string; result?: string }[];
      total: number;
    };
    expect(total).toBe(one.structuredContent?.['total']);
    expect(history).toHaveLength(total);
    expect(history.filter(({ task }) => task === undefined)).toEqual(
      expect.arrayContaining([expect.objectContaining({ change: 'declared' })]),
    );
    const ended = history.filter(({ task, result }) => task !== undefined && result === 'ok');
    expect(ended.length).toBeGreaterThan(0);
    for (const { until } of ended) expect(Date.parse(until!)).toBeGreaterThan(0);
    expect(content).toEqual([
      { type: 'text', text: expect.stringMatching(/^\d+ kB for the page that asked\.$/) },
    ]);
    const refused = await ask(drawing, 'timeline_facts', { since: 'whenever' });
    expect(refused.isError).toBe(true);
  });
});
