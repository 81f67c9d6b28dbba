import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { mcpbManifest } from '../../scripts/bundle/manifests.ts';
import { stageBundle } from '../../scripts/bundle/stage.ts';
import type { Answer } from '../support/answer.ts';
import { clientFile } from '../support/client-file.ts';
import { cleanEnv, ended, ROOT, startWorld, type World } from '../support/program.ts';
import { messagesIn } from '../support/rpc.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld({ clusterName: 'bundled', guests: 4 });
  folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-bundle-'));
  stageBundle(ROOT, folder);
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const read = (path: string) => readFile(join(folder, path), 'utf8');
/** What the bundle tells a host to start. */
const told = async () =>
  (JSON.parse(await read('manifest.json')) as ReturnType<typeof mcpbManifest>).server.mcp_config;
const initialize = {
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'host', version: '1' } },
};
const status = { id: 1, method: 'tools/call', params: { name: 'get_cluster_status', arguments: {} } };

/** Starts the bundle as a host does by a manifest's words, with arguments the host adds. */
async function start(
  { command, args, env }: { command: string; args: string[]; env: { [name: string]: string } },
  answers: { [variable: string]: string },
  { nodeArgs = [], extra = {} }: { nodeArgs?: string[]; extra?: NodeJS.ProcessEnv } = {},
) {
  expect(command).toBe('node');
  const placed = args.map(one => one.replace(/\$\{(?:__dirname|CLAUDE_PLUGIN_ROOT)\}/, folder));
  const child = spawn(process.execPath, [...nodeArgs, ...placed, '--host-flag', '--inspect-port=0', 'more'], {
    env: { ...cleanEnv(folder), ...env, ...answers, ...extra },
    cwd: tmpdir(),
  });
  child.stdin.on('error', () => {});
  child.stdin.end(
    [initialize, status].map(one => `${JSON.stringify({ jsonrpc: '2.0', ...one })}\n`).join(''),
  );
  const { code, stdout, stderr } = await ended(child);
  const messages = messagesIn(stdout);
  const facts = messages.find(({ id }) => id === 1)?.result?.structuredContent;
  return {
    code,
    stderr,
    messages,
    name: (facts as Answer<'get_cluster_status'> | undefined)?.name,
  };
}

describe('the bundle', () => {
  const variables = () => {
    const { PROXMOX_URL = '', PROXMOX_TOKEN = '', PROXMOX_CA_FILE = '' } = world.env;
    const [PROXMOX_TOKEN_ID = '', PROXMOX_TOKEN_SECRET = ''] = PROXMOX_TOKEN.split('=');
    return { PROXMOX_URL, PROXMOX_TOKEN_ID, PROXMOX_TOKEN_SECRET, PROXMOX_CA_FILE };
  };

  test('serves the cluster a person named, and the demo where nothing was answered', async () => {
    const server = await told();
    // A host leaves what was not answered as it stands in the manifest, or empty.
    expect((await start(server, {})).name).toBe('demo');
    expect((await start(server, variables())).name).toBe('bundled');
  });

  test('is a plugin of Claude Code as well', async () => {
    const { mcpServers } = clientFile(await read('.claude-plugin/plugin.json'));
    expect((await start(mcpServers.proxmox, variables())).name).toBe('bundled');
  });

  test("starts the user's Node.js where the host's own refuses the addon, and says which", async () => {
    const server = await told();
    const extra = { PATH: dirname(process.execPath) };
    const { name, code, stderr } = await start(server, variables(), {
      nodeArgs: ['--no-addons'],
      extra,
    });
    expect({ name, code }).toEqual({ name: 'bundled', code: 0 });
    expect(stderr).toContain(`refuses the database's addon`);
    expect(stderr).toContain(join(dirname(process.execPath), 'node'));
  });

  test('says plainly that there is none, on stderr and to the host', async () => {
    const server = await told();
    // No Node.js of this machine loads an addon then.
    const { code, stderr, messages } = await start(server, variables(), {
      extra: { NODE_OPTIONS: '--no-addons' },
    });
    expect(code).toBe(1);
    const said = /no other one was found on this machine\. Install Node\.js 22\.14 or newer/;
    expect(stderr).toMatch(said);
    expect(messages).toEqual([
      { jsonrpc: '2.0', id: 0, error: { code: -32603, message: expect.stringMatching(said) } },
    ]);
  });
});
