import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../tools/index.ts';
import { cleanEnv, ROOT, startWorld, type World } from '../support/program.ts';
import { answerIn, callTool } from '../support/rpc.ts';

const run = promisify(execFile);

/** The Node.js lines the package is made for, each with its own program. */
const NODES = {
  22: join(ROOT, 'test/support/node-22/node_modules/node/bin/node'),
  24: process.execPath,
};

const OLDEST = Object.keys(NODES)[0];

let world: World;
/** What npm says that it packed. */
interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

let packed: Packed;
beforeAll(async () => {
  world = await startWorld();
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', world.folder],
    { cwd: ROOT, maxBuffer: 10_000_000 },
  );
  [packed] = JSON.parse(stdout) as [Packed];
});
afterAll(() => world.close());

describe('the package', () => {
  test('is under 20 MB unpacked, and holds the program and nothing of the workshop', () => {
    expect(packed.unpackedSize).toBeLessThan(20_000_000);
    const paths = packed.files.map(file => file.path);
    const allowed =
      /^(?:dist\/|prisma\/(?:postgresql\/)?migrations\/|README\.md$|CHANGELOG\.md$|LICENSE$|package\.json$)/;
    expect(paths.filter(path => !allowed.test(path))).toEqual([]);
    for (const needed of ['dist/proxmox-mpc.js', 'dist/schema_engine_bg.wasm', 'LICENSE', 'README.md'])
      expect(paths).toContain(needed);
    expect(paths.filter(path => path.endsWith('migration.sql')).length).toBeGreaterThanOrEqual(4);
  });

  test('gives every bundled package its licence', async () => {
    const notices = await readFile(join(ROOT, 'dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
    const sections = notices.split(`\n${'-'.repeat(80)}\n`);
    for (const name of [
      '@modelcontextprotocol/sdk',
      '@prisma/client',
      'commander',
      'jsonc-parser',
      'got',
      'zod',
    ])
      expect(sections.some(section => section.startsWith(`${name} `))).toBe(true);
    for (const section of sections) {
      const [title] = section.split('\n');
      expect(title).toMatch(/^\S+ \d+\.\d+\.\d+\S* \((?:MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD)\)$/);
      expect(section.length, `${title} has no licence text`).toBeGreaterThan(400);
    }
  });
});

describe.each(Object.entries(NODES))('installed in an empty folder on Node.js %s', (line, node) => {
  let folder: string;
  let program: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = join(world.folder, `node-${line}`);
    await mkdir(folder);
    const { PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE, ...rest } = world.env;
    // First on PATH, as for anybody who has just this one: npm and the program's own first line find it there.
    const PATH = [dirname(node), dirname(npmCli()), '/usr/bin', '/bin'].join(delimiter);
    env = cleanEnv(folder, { ...rest, PATH, HOME: folder, XDG_DATA_HOME: join(folder, 'data') });
    const args = [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(world.folder, packed.filename),
    ];
    // npm reaches its registry as it is told to on this machine.
    await run(node, [npmCli(), ...args], { cwd: folder, env: { ...process.env, PATH } });
    program = join(folder, 'node_modules', '.bin', 'proxmox-mpc');
    Object.assign(env, { PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE });
  }, 180_000);

  const proxmoxMpc = (...args: string[]) => run(program, args, { env, cwd: '/' });

  test('runs on it, with better-sqlite3 as the only dependency', async () => {
    expect((await run('node', ['--version'], { env })).stdout).toMatch(new RegExp(`^v${line}\\.`));
    const text = await readFile(join(ROOT, 'package.json'), 'utf8');
    const { version, dependencies } = JSON.parse(text) as { version: string; dependencies: object };
    expect((await proxmoxMpc('--version')).stdout).toBe(`${version}\n`);
    expect(Object.keys(dependencies)).toEqual(['better-sqlite3']);
    const installed = (await readdir(join(folder, 'node_modules'))).filter(name => !name.startsWith('.'));
    expect(installed.sort()).toEqual(['better-sqlite3', 'node-addon-api', 'proxmox-mpc']);
  });

  test('discovers and answers', async () => {
    const discovered = await proxmoxMpc('discover', '--json');
    expect(answerIn('discover', discovered.stdout).counts.discovered).toBeGreaterThan(10);
    expect(existsSync(join(folder, 'data', 'proxmox-mpc', 'proxmox-mpc.db'))).toBe(true);
    const { stdout } = await proxmoxMpc('list-nodes');
    expect(stdout).toMatch(/^NODE/);
  });

  test('serves', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StdioClientTransport({
      command: program,
      args: ['serve'],
      env: env as { [name: string]: string },
      cwd: '/',
      stderr: 'ignore',
    });
    await client.connect(transport);
    try {
      const listed = await client.listTools();
      expect(listed.tools.map(tool => tool.name)).toEqual(
        tools.flatMap(tool => (tool.unlisted ? [] : [tool.name])),
      );
      const { structuredContent } = await callTool(client, 'list_vms');
      expect(structuredContent.vms.length).toBeGreaterThan(5);
    } finally {
      await client.close();
    }
  });

  // On the oldest: that they do on the newest the commands' tests show.
  if (line === OLDEST) {
    test('migrates: forth, back and forth again', async () => {
      const url = ['--database-url', `file:${join(folder, 'migrated.db')}`];
      expect((await proxmoxMpc('db', 'migrate', ...url)).stdout).toMatch(/^Applied \d{14}_init/);
      expect((await proxmoxMpc('db', 'rollback', '--yes', ...url)).stdout).toMatch(/^Undid \d{14}_/);
      expect((await proxmoxMpc('db', 'migrate', ...url)).stdout).toMatch(/^Applied \d{14}_/);
      const { stdout } = await proxmoxMpc('db', 'status', '--json', ...url);
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'current' });
    });

    test('shows the demo, whose simulator is in the package too', async () => {
      const { stdout } = await proxmoxMpc('get-cluster-status', '--demo', '--json');
      expect(answerIn('get_cluster_status', stdout).name).toBe('demo');
    });
  }
});

/** npm's own program, whatever starts it here. */
function npmCli(): string {
  for (const folder of process.env['PATH']!.split(delimiter)) {
    const npm = join(folder, 'npm');
    if (existsSync(npm) && realpathSync(npm).endsWith('npm-cli.js')) return realpathSync(npm);
  }
  throw new Error('npm is not on PATH');
}
