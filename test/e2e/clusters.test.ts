import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toolList } from '../../src/mcp/server/tool-list.ts';
import { toolsFor } from '../../tools/index.ts';
import type { Answer } from '../support/answer.ts';
import { DRAWS } from '../support/apps-client.ts';
import {
  cleanEnv,
  clockAhead,
  ended,
  type Run,
  runProgram,
  spawnProgram,
  startWorld,
  type World,
} from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { answerIn, messagesIn, toldBy } from '../support/rpc.ts';

let home: World;
let lab: World;
let file: string;
let env: NodeJS.ProcessEnv;
const options = ({ sim, env: { PROXMOX_URL, PROXMOX_CA_FILE } }: World) => ({
  url: PROXMOX_URL!,
  token_id: sim.tokens.full.split('=')[0]!,
  ca_file: PROXMOX_CA_FILE!,
});
beforeAll(async () => {
  [home, lab] = await Promise.all([
    startWorld({ clusterName: 'home' }),
    startWorld({ clusterName: 'lab', guests: 6, seed: 5 }),
  ]);
  file = join(home.folder, 'clusters.yaml');
  for (const [name, { sim }] of [
    ['home', home],
    ['lab', lab],
  ] as const)
    await writeFile(join(home.folder, `${name}.secret`), `${sim.tokens.full.split('=')[1]}\n`, {
      mode: 0o600,
    });
  // JSON is YAML as well; secrets lie beside the file, named relative to it.
  await write({
    home: { ...options(home), token_secret_file: 'home.secret' },
    lab: { ...options(lab), token_secret_file: 'lab.secret', database_url: 'file:lab-store.db' },
  });
  env = cleanEnv(home.folder, { PROXMOX_MPC_CONFIG: file });
});
afterAll(() => Promise.all([home.close(), lab.close()]));

const write = (clusters: object) => writeFile(file, JSON.stringify({ clusters }, null, 2), { mode: 0o600 });
const run = (...args: string[]) => runHere(args, env);
/** What a command prints, read by the names that its tool answers with. */
async function json<Tool extends string>(tool: Tool, ...args: string[]): Promise<Answer<Tool>> {
  const { stdout, stderr, code } = await run(tool.replaceAll('_', '-'), ...args, '--json');
  expect(code, stderr).toBe(0);
  return answerIn(tool, stdout);
}
/** Requests to a server, and its answers by id. */
async function serve(program: Run, ...requests: [method: string, params: object][]) {
  const messages = [
    {
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    },
    ...requests.map(([method, params]) => ({ method, params })),
  ].map((one, id) => `${JSON.stringify({ jsonrpc: '2.0', id, ...one })}\n`);
  const { code, stdout, stderr } = await program(['serve'], env, messages.join(''));
  expect(code, stderr).toBe(0);
  return new Map(messagesIn(stdout).map(message => [message.id, message]));
}

describe('a server of two clusters', () => {
  test('lists, reads and names the things of both', async () => {
    const answered = await serve(
      runProgram,
      ['tools/list', {}],
      ['tools/call', { name: 'list_guests', arguments: { limit: 100 } }],
      ['tools/call', { name: 'get_resource', arguments: { resource: 100 } }],
      ['tools/call', { name: 'get_resource', arguments: { resource: 'lab:vm/100' } }],
      ['resources/read', { uri: 'proxmox://lab/vms/100' }],
      ['resources/read', { uri: 'proxmox://vms/100' }],
      ['resources/read', { uri: 'proxmox://cluster' }],
      ['resources/templates/list', {}],
    );
    for (const { name, inputSchema } of answered.get(1)!.result.tools)
      expect(inputSchema.properties['cluster']!.description, name).toContain('home, lab');
    const { guests } = toldBy('list_guests', answered.get(2));
    expect(new Set(guests.map(row => row.cluster))).toEqual(new Set(['home', 'lab']));
    expect(answered.get(3)!.result.content[0]!.text).toMatch(/home:vm\/100 or lab:vm\/100/);
    expect(answered.get(4)!.result.structuredContent).toMatchObject({
      cluster: 'lab',
      resource: { resource: 'lab:vm/100' },
    });
    expect(answerIn('get_resource', answered.get(5)!.result.contents[0]!.text).cluster).toBe('lab');
    expect(answered.get(6)!.error.message).toMatch(/proxmox:\/\/home\/.* or proxmox:\/\/lab\//);
    expect(
      answerIn('get_cluster_status', answered.get(7)!.result.contents[0]!.text).clusters.map(
        one => one.cluster,
      ),
    ).toEqual(['home', 'lab']);
    expect(answered.get(8)!.result.resourceTemplates.map(one => one.uriTemplate)).toContain(
      'proxmox://{cluster}/vms/{vmid}',
    );
    // Each has a store of its own: one where the file says, one where its name says.
    expect((await stat(join(home.folder, 'lab-store.db'))).isFile()).toBe(true);
    expect((await stat(join(home.folder, 'data/proxmox-mpc/proxmox-mpc-home.db'))).isFile()).toBe(true);
  });

  test('a page gets the whole history of both, however much that is', async () => {
    const [guest] = home.sim.world.find({ type: 'qemu', template: false, status: 'stopped' });
    for (let at = 0; at < 20; at++)
      home.sim.world.editConfig(guest!, { memory: String(1024 + at) }, { user: 'ann@pve', task: true });
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': DRAWS,
      'io.modelcontextprotocol/clientInfo': { name: 'host', version: '1' },
    };
    const shown = await json('show_history', '--limit', '1', '--max-age-seconds', '0');
    const answered = await serve(
      runHere,
      ['tools/call', { name: 'timeline_facts', arguments: {}, _meta: meta }],
      ['tools/call', { name: 'timeline_facts', arguments: { cluster: 'lab' }, _meta: meta }],
    );
    const both = toldBy('timeline_facts', answered.get(1));
    const one = toldBy('timeline_facts', answered.get(2));
    expect(both.total).toBe(shown.total);
    expect(both.history).toHaveLength(both.total);
    expect(both.history.length).toBeGreaterThan(50);
    expect(one.history).toEqual(both.history.filter(row => row.cluster === 'lab'));
  });

  test('commands ask both, or the one named; maintenance is done to one', async () => {
    const both = await json('list_guests', '--limit', '100');
    const one = await json('list_guests', '--cluster', 'lab', '--limit', '100');
    expect(one.total).toBeLessThan(both.total);
    expect(new Set(one.guests.map(row => row.cluster))).toEqual(new Set(['lab']));
    expect((await run('list-guests')).stdout).toMatch(/^ *CLUSTER +RESOURCE/m);
    const refused = await run('db', 'status');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/--cluster home, or --cluster lab/),
    ]);
    expect((await run('db', 'status', '--cluster', 'lab')).stdout).toContain('lab-store.db');
    expect((await run('test-connection', '--cluster', 'home')).code).toBe(0);
    expect((await run('list-vms', '--cluster', 'moon')).stderr).toMatch(/The clusters are home, lab/);
  });

  test('is watched as a whole', async () => {
    const before = [home, lab].map(({ sim }) => sim.requests.count());
    // What was read a moment before is not read again yet.
    const child = spawnProgram(['watch', '--every', '5'], env, clockAhead(4_000));
    const end = ended(child);
    await expect
      .poll(() => [home, lab].map(({ sim }, at) => sim.requests.count() > before[at]! + 5), {
        timeout: 60_000,
      })
      .toEqual([true, true]);
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
  });
});

test('with one cluster in the file nothing is different, to the byte', async () => {
  await write({
    lab: { ...options(lab), token_secret_file: 'lab.secret', database_url: 'file:lab-store.db' },
  });
  try {
    const answered = await serve(
      runHere,
      ['tools/list', {}],
      ['tools/call', { name: 'list_guests', arguments: {} }],
    );
    expect(JSON.stringify(answered.get(1)!.result)).toBe(
      JSON.stringify({ tools: toolList(toolsFor({ writes: false })) }),
    );
    const { clusters, guests } = toldBy('list_guests', answered.get(2));
    expect(clusters).toBeUndefined();
    expect(guests[0]).not.toHaveProperty('cluster');
    expect((await run('db', 'status')).stdout).toContain('lab-store.db');
  } finally {
    await write({
      home: { ...options(home), token_secret_file: 'home.secret' },
      lab: { ...options(lab), token_secret_file: 'lab.secret', database_url: 'file:lab-store.db' },
    });
  }
});

test.each([
  ['{}', /has no clusters/],
  ['clusters: {}', /names no cluster/],
  ['clusters: [1', /is no YAML or JSON at line 1/],
  // Kills: the line of a tag nobody knows, quoted on stderr by the library's own warning, with the secret in it.
  ['clusters:\n  lab:\n    token_secret: !vault hunter2', /is no YAML or JSON at line 3/],
  [`clusters: {lab: &a [1], b: [${'*a,'.repeat(200)}]}`, /repeats itself too often/],
  ['clusters: {Lab: {url: "https://x"}}', /clusters\.Lab: the name must be lower-case/],
  ['clusters: {vms: {url: "https://x"}}', /clusters\.vms: the name is a word with a meaning/],
  ['clusters: {lab: {urll: "https://x"}}', /clusters\.lab: there is no option "urll"/],
  ['clusters: {lab: {url: "ftp://x"}, b: {url: "https://x"}}', /clusters\.lab: PROXMOX_URL/],
  [
    'clusters: {a: {url: "https://x", database_url: "file:/s.db"}, b: {database_url: "file:/s.db"}}',
    /one store/,
  ],
])('a file that cannot be used is refused before anything starts: %s', async (text, why) => {
  const path = join(home.folder, 'wrong.yaml');
  // What a library writes to stderr itself is the process's.
  const run = text.includes('!vault') ? runProgram : runHere;
  await writeFile(path, text, { mode: 0o600 });
  const { code, stderr } = await run(['list-vms'], { ...env, PROXMOX_MPC_CONFIG: path });
  expect([code, stderr]).toEqual([2, expect.stringMatching(why)]);
  expect(stderr).not.toMatch(/hunter2|Warning/);
});

test('init --cluster adds a cluster, keeps what is there, and the secret in a file of its own', async () => {
  const folder = await mkdtemp(join(home.folder, 'init-'));
  const own = cleanEnv(folder);
  const init = async (world: World, name: string, more: NodeJS.ProcessEnv = {}) => {
    const { PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE } = world.env;
    return runHere(['init', '--cluster', name], {
      ...own,
      PROXMOX_URL,
      PROXMOX_TOKEN,
      PROXMOX_CA_FILE,
      ...more,
    });
  };
  const first = await init(home, 'home');
  expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('Next: set PROXMOX_MPC_CONFIG=')]);
  const path = /PROXMOX_MPC_CONFIG=(\S+)/.exec(first.stdout)![1]!;
  await writeFile(path, `# mine\n${await readFile(path, 'utf8')}`, { mode: 0o600 });
  const second = await init(lab, 'lab', { PROXMOX_MPC_CONFIG: path });
  expect(second.code, second.stderr).toBe(0);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/^# mine\n/);
  for (const { sim } of [home, lab]) expect(text).not.toContain(sim.tokens.full.split('=')[1]);
  const { stdout } = await runHere(['get-cluster-status', '--json'], { ...own, PROXMOX_MPC_CONFIG: path });
  expect(answerIn('get_cluster_status', stdout).clusters.map(one => one.name)).toEqual(['home', 'lab']);
  const wrong = await init(lab, 'Not A Name');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('lower-case letters')]);
});
