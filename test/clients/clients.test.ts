import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../tools/index.ts';
import type { Answer } from '../support/answer.ts';
import { cleanEnv, ROOT, startWorld, type World } from '../support/program.ts';
import { answerIn, type Result } from '../support/rpc.ts';

/** As they were when this was written; newer ones may print otherwise. */
const CLIENTS = ['@modelcontextprotocol/inspector@2.12.0', 'mcporter@0.12.3'];
const names = tools.filter(tool => !tool.unlisted).map(tool => tool.name);
let world: World;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxmox-mpc-clients-'));
  world = await startWorld({ clusterName: 'yours' });
  await run('npm', ['install', '--prefix', home, '--prefer-offline', '--ignore-scripts', ...CLIENTS]);
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

const run = promisify(execFile);

/** Runs a client's program in the checkout; its answer is the JSON it prints. */
async function client<Printed>(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Printed> {
  const { stdout } = await run(join(home, 'node_modules', '.bin', program), args, {
    cwd: ROOT,
    env: { ...cleanEnv(home), ...env },
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout) as Printed;
}

describe('MCP Inspector', () => {
  const inspect = (method: string, ...args: string[]) =>
    client<Result<'list_vms'>>(
      'mcp-inspector',
      ['--cli', '--config', 'mcp.json', '--server', 'proxmox', '--method', method, ...args],
      { MCP_INSPECTOR_SECRET_STORE: 'memory' },
    );

  test('lists the tools', async () => {
    expect((await inspect('tools/list')).tools.map(tool => tool.name)).toEqual(names);
  });

  test('calls one', async () => {
    const result = await inspect('tools/call', '--tool-name', 'list_vms', '--tool-arg', 'limit=3');
    expect(result.structuredContent.vms).toHaveLength(3);
  });

  test('lists and reads resources', async () => {
    const { resources } = await inspect('resources/list');
    expect(resources.map(one => one.uri)).toContain('proxmox://cluster');
    const { contents } = await inspect('resources/read', '--uri', 'proxmox://cluster');
    expect(answerIn('get_cluster_status', contents[0]!.text).name).toBe('demo');
  });

  test('lists the prompts', async () => {
    const { prompts } = await inspect('prompts/list');
    expect(prompts.map(one => one.name)).toContain('whats_changed');
  });
});

describe('mcporter', () => {
  const mcporter = <Printed>(args: string[], env: NodeJS.ProcessEnv = {}) =>
    client<Printed>('mcporter', ['--config', 'mcp.json', ...args], env);

  test('lists the tools', async () => {
    const { status, tools: listed } = await mcporter<{
      status: string;
      tools: { name: string }[];
    }>(['list', 'proxmox', '--json']);
    expect(status).toBe('ok');
    expect(listed.map(tool => tool.name)).toEqual(names);
  });

  test('calls one, on the cluster its variables name', async () => {
    const { PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE } = world.env;
    const env = { PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE };
    const status = await mcporter<Answer<'get_cluster_status'>>(
      ['call', 'proxmox.get_cluster_status', '--output', 'json'],
      env,
    );
    expect(status.name).toBe('yours');
    const { vms } = await mcporter<Answer<'list_vms'>>(
      ['call', 'proxmox.list_vms', 'limit:2', '--output', 'json'],
      env,
    );
    expect(vms).toHaveLength(2);
  });

  test('reads a resource', async () => {
    const cluster = await mcporter<{ name: string }>(['resource', 'proxmox', 'proxmox://cluster', '--json']);
    expect(cluster.name).toBe('demo');
  });
});
