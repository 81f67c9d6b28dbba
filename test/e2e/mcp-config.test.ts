import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tools } from '../../tools/index.ts';
import { clientFile, type Server } from '../support/client-file.ts';
import { cleanEnv, ROOT, startWorld, type World } from '../support/program.ts';
import { answerIn, callTool } from '../support/rpc.ts';

const read = (file: string) => clientFile(readFileSync(join(ROOT, file), 'utf8'));
let home: string;
let world: World;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxmox-mpc-config-'));
  world = await startWorld({ clusterName: 'yours' });
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

/** Starts a server as a client does that starts it in the folder of its file. */
async function connect({ command, args }: Server, env: Record<string, string>): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const environment = { ...cleanEnv(home), ...env } as Record<string, string>;
  await client.connect(
    new StdioClientTransport({ command, args, env: environment, cwd: ROOT, stderr: 'ignore' }),
  );
  return client;
}

test('mcp.json starts the simulated cluster where a host expands nothing', async () => {
  const server = read('mcp.json').mcpServers.proxmox;
  const client = await connect(server, server.env);
  try {
    const { structuredContent } = await callTool(client, 'list_vms', { limit: 5 });
    expect(structuredContent.vms).toHaveLength(5);
    const status = await callTool(client, 'get_cluster_status');
    expect(status.structuredContent.name).toBe('demo');
    const { contents } = await client.readResource({ uri: 'proxmox://cluster' });
    expect(answerIn('get_cluster_status', (contents[0] as { text: string }).text).name).toBe('demo');
    const { tools: listed } = await client.listTools();
    expect(listed.map(tool => tool.name)).toEqual(tools.flatMap(tool => (tool.unlisted ? [] : [tool.name])));
    const changes = await callTool(client, 'diff_state');
    expect(changes.structuredContent.total).toBeGreaterThan(10);
  } finally {
    await client.close();
  }
  // The demo's store goes with it, and the user's own was never made.
  expect(await readdir(home)).toEqual([]);
});

test('mcp.json starts the real cluster once PROXMOX_URL is set', async () => {
  const server = read('mcp.json').mcpServers.proxmox;
  const { PROXMOX_URL = '', PROXMOX_TOKEN = '', PROXMOX_CA_FILE = '' } = world.env;
  const client = await connect(server, { ...server.env, PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE });
  try {
    const status = await callTool(client, 'get_cluster_status');
    expect(status.structuredContent.name).toBe('yours');
  } finally {
    await client.close();
  }
});

test('the files of the clients name the same server', () => {
  const { command, args, env } = read('mcp.json').mcpServers.proxmox;
  expect(read('.mcp.json')).toEqual(read('mcp.json'));
  const code = read('.vscode/mcp.json').servers.proxmox;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code's own variable
  const local = (text: string) => text.replace('${workspaceFolder}/', '');
  expect(local(code.command)).toBe(command.replace('./', ''));
  expect(code.args.map(local)).toEqual(args);
  expect(Object.keys(code.env)).toEqual(Object.keys(env));
});
