import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plantSecret } from '../support/canary.ts';
import { clientFile, type Server } from '../support/client-file.ts';
import { cleanEnv, PROGRAM, runProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { startOnTerminal } from '../support/pty.ts';
import { callTool, messagesIn, toldBy } from '../support/rpc.ts';

let world: World;
let home: string;
let secret: string;
let count = 0;
beforeAll(async () => {
  world = await startWorld();
  secret = world.sim.tokens.auditor.split('=')[1]!;
});
afterAll(() => world.close());
beforeEach(async () => {
  home = join(world.folder, `home-${++count}`);
  await mkdir(home);
});

const url = () => world.env['PROXMOX_URL']!;
const configured = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnv(home, {
    PROXMOX_URL: url(),
    PROXMOX_TOKEN: world.sim.tokens.auditor,
    PROXMOX_CA_FILE: world.env['PROXMOX_CA_FILE'],
    ...extra,
  });
const init = (args: string[] = [], env = configured()) => runHere(['init', ...args], env);
const json = async (file: string) => clientFile(await readFile(file, 'utf8'));

/** What is answered by what a client was told to start, with nothing but its own variables. */
async function clusterSeenHere({ command, args: [program, ...args], env }: Server): Promise<string> {
  expect([command, program]).toEqual([process.execPath, PROGRAM]);
  const params = { name: 'get_cluster_status', arguments: {} };
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const { stdout } = await runHere(args, { HOME: home, ...env }, `${JSON.stringify(call)}\n`);
  return toldBy('get_cluster_status', messagesIn(stdout)[0]).name;
}

/** The same of what clients start, as they do: in another folder. */
async function clusterSeenBy({ command, args, env }: Server): Promise<string> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({ command, args, env: { HOME: home, ...env }, cwd: '/', stderr: 'ignore' }),
  );
  try {
    const { structuredContent } = await callTool(client, 'get_cluster_status');
    return structuredContent.name;
  } finally {
    await client.close();
  }
}

describe('the token', () => {
  test('the three levels, each with what makes it', async () => {
    const [auditor, log, all] = [['PVEAuditor'], ['Sys.Syslog'], ['Datastore.AllocateSpace', 'VM.Backup']];
    const base = ['Sys.Audit', 'VM.Audit', 'Datastore.Audit', 'Pool.Audit'];
    for (const [level, privs] of [
      [0, []],
      [1, base],
      [2, [...base, ...log!]],
      [3, [...base, ...log!, ...all!]],
    ] as [number, string[]][]) {
      const token = world.sim.world.addToken(`mcp@pve!level${level}`, [{ path: '/', privs }]);
      const { code, stdout } = await init([], configured({ PROXMOX_TOKEN: token }));
      expect(code).toBe(level === 0 ? 1 : 0);
      expect(stdout).toContain(`Level ${level} of 3`);
      expect(stdout.match(/✓ \d\. /g) ?? []).toHaveLength(level);
      for (const needed of [auditor![0]!, ...log!, all!.join(',')]) expect(stdout).toContain(needed);
      const subject = `--users mcp@pve --tokens 'mcp@pve!level${level}'`;
      expect(stdout).toContain(`pveum acl modify / ${subject} --roles PVEAuditor`);
      expect(stdout).toContain(`pveum acl modify / ${subject} --roles MpcLog`);
      expect(stdout).toContain(`pveum acl modify / ${subject} --roles MpcBackups`);
      expect(stdout).not.toContain('never needed');
    }
  });

  test('one that may do more than look is told to be replaced by one that may not', async () => {
    const { code, stdout } = await init([], configured({ PROXMOX_TOKEN: world.sim.tokens.full }));
    expect(code).toBe(0);
    expect(stdout).toContain('Level 3 of 3');
    expect(stdout).toMatch(/root@pam!mcp may do much that is never needed here \(.* and \d+ more\)/);
    expect(stdout).toContain('pveum user token add mcp@pve mpc --privsep 1');
  });

  test('a wrong secret is a failure that writes nothing and does not repeat it', async () => {
    const wrong = 'audit@pve!mcp=00000000-0000-0000-0000-00000badc0de';
    const { code, stdout, stderr } = await init(['--client', 'cursor'], configured({ PROXMOX_TOKEN: wrong }));
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('badc0de');
    expect(await readdir(home)).toEqual([]);
  });
});

describe('without a terminal', () => {
  test.each([
    [{ PROXMOX_URL: '' }, 2, 'PROXMOX_URL is not set'],
    [{ PROXMOX_TOKEN: '' }, 2, 'pveum user token add mcp@pve mpc --privsep 1'],
    [{ PROXMOX_CA_FILE: '' }, 1, 'PROXMOX_FINGERPRINT='],
    [{ PROXMOX_URL: 'https://127.0.0.1:1' }, 1, 'Nothing listens on port 1'],
  ])('what is missing ends it in plain words: %o', async (env, expected, says) => {
    const asked = world.sim.requests.count();
    const { code, stdout, stderr } = await init(['--client', 'cursor'], configured(env));
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(says);
    expect(await readdir(home)).toEqual([]);
    expect(world.sim.requests.count()).toBe(asked);
  });

  test.each([
    [['--client', 'emacs'], '--client'],
    [['--config-file', 'x.json'], '--client'],
    [['--name', 'my server'], '--name'],
    [['--demo'], '--demo'],
  ])('bad usage: %o', async (args, says) => {
    const { code, stderr } = await init(args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe('writing', () => {
  test.each([
    [['--write'], 'VM.Config.Options', '/vms', {}],
    [['--write', 'memory,cpu,power'], 'VM.Config.Memory,VM.Config.CPU,VM.PowerMgmt', '/vms', {}],
    [['--write', 'snapshot'], 'VM.Snapshot', '/pool/dev', { PROXMOX_MPC_WRITE_ONLY: 'pool:dev' }],
    [['--write'], 'VM.Migrate', '/vms', { PROXMOX_MPC_WRITE: 'migrate' }],
  ])('%j: a role with just %s on %s', async (args, privileges, path, more) => {
    const { code, stdout, stderr } = await init(args, configured(more));
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('pveum user token add mcp@pve write --privsep 1');
    expect(stdout).toContain(`pveum role add MpcWrite --privs ${privileges}\n`);
    expect(stdout).toContain(
      `pveum acl modify ${path} --users mcp@pve --tokens 'mcp@pve!write' --roles MpcWrite`,
    );
    expect(stdout).not.toContain('SDN.Use');
    expect(stderr).toContain('writing stays off');
  });

  test('a card needs its bridge, too; a kind there is not is refused', async () => {
    const { stdout } = await init(['--write', 'network']);
    expect(stdout).toContain('pveum role add MpcWrite --privs VM.Config.Network\n');
    expect(stdout).toContain('pveum role add MpcBridges --privs SDN.Use\n');
    const odd = await init(['--write', 'disks']);
    expect([odd.code, odd.stderr]).toEqual([
      2,
      expect.stringContaining('must be some of tags, notes, options'),
    ]);
  });

  test('the second token is kept as the first, and the client starts a server that carries plans out', async () => {
    const privs = ['VM.Config.Options'];
    const token = world.sim.world.addToken('mcp@pve!second', [{ path: '/', privs }]);
    const [id, second] = token.split('=') as [string, string];
    plantSecret(second);
    const env = configured({ PROXMOX_WRITE_TOKEN_ID: id, PROXMOX_WRITE_TOKEN_SECRET: second });
    const file = join(home, 'mcp.json');
    const { code, stdout, stderr } = await init(
      ['--write', '--client', 'cursor', '--config-file', file],
      env,
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`${id} may write tags, notes, options`);
    const { proxmox } = (await json(file)).mcpServers;
    expect(proxmox.env).toMatchObject({
      PROXMOX_WRITE_TOKEN_ID: id,
      PROXMOX_MPC_WRITE: 'tags,notes,options',
    });
    const kept = proxmox.env['PROXMOX_WRITE_TOKEN_SECRET_FILE']!;
    expect(await readFile(kept, 'utf8')).toBe(`${second}\n`);
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')) + stdout + stderr).not.toContain(second);
    // What is configured goes with it, asked for or not; never the secret itself.
    await init(['--client', 'cursor', '--config-file', file], env);
    expect(await readFile(file, 'utf8')).not.toContain(second);
    expect(await clusterSeenHere(proxmox)).toBe('lab');
  });

  test('a token that may do too much, or is the one that reads, is said to be so', async () => {
    const privs = ['VM.Config.Options', 'VM.Allocate', 'Sys.Modify'];
    const much = world.sim.world.addToken('mcp@pve!much', [{ path: '/', privs }]);
    const [id, secret] = much.split('=') as [string, string];
    const env = { PROXMOX_WRITE_TOKEN_ID: id, PROXMOX_WRITE_TOKEN_SECRET: secret };
    const { stdout } = await init(['--write', 'tags,memory'], configured(env));
    expect(stdout).toContain('may write tags\n');
    expect(stdout).toContain('may not write memory everywhere yet');
    expect(stdout).toContain('never needed here (VM.Allocate, Sys.Modify)');
    const [reader, readerSecret] = world.sim.tokens.auditor.split('=') as [string, string];
    const same = { PROXMOX_WRITE_TOKEN_ID: reader, PROXMOX_WRITE_TOKEN_SECRET: readerSecret };
    expect((await init(['--write'], configured(same))).stdout).toContain('is the token that reads, too');
  });
});

describe('a client’s configuration', () => {
  const files = {
    'claude-desktop': '.config/Claude/claude_desktop_config.json',
    'claude-code': '.claude.json',
    vscode: '.config/Code/User/mcp.json',
    cursor: '.cursor/mcp.json',
  };

  test.each(Object.entries(files))('%s: starts the server that was set up', async (client, path) => {
    const { code, stdout, stderr } = await init(['--client', client]);
    expect(code, stderr).toBe(0);
    const file = join(home, path);
    expect(stdout).toContain(`Added "proxmox" in ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const config = await json(file);
    const { proxmox } = config[client === 'vscode' ? 'servers' : 'mcpServers'];
    expect(proxmox.command).toBe(process.execPath);
    expect(proxmox.args).toEqual([PROGRAM, 'serve']);
    expect(await (client === 'claude-code' ? clusterSeenBy : clusterSeenHere)(proxmox)).toBe('lab');
    const text = await readFile(file, 'utf8');
    expect(text + stdout + stderr).not.toContain(secret);
    const secretFile = proxmox.env['PROXMOX_TOKEN_SECRET_FILE']!;
    expect(await readFile(secretFile, 'utf8')).toBe(`${secret}\n`);
    expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
  });

  test('what was told goes with it: absolute paths, a secret file of one’s own, flags', async () => {
    await writeFile(join(home, 'mine'), secret);
    const env = configured({
      PROXMOX_TOKEN: '',
      PROXMOX_TOKEN_ID: 'audit@pve!mcp',
      PROXMOX_TOKEN_SECRET_FILE: '~/mine',
    });
    const args = ['--client', 'cursor', '--timezone', 'Asia/Tokyo', '--database-url', 'file:~/lab.db'];
    const { code, stderr } = await runProgram(['init', ...args], env);
    expect(code, stderr).toBe(0);
    const { proxmox } = (await json(join(home, '.cursor/mcp.json'))).mcpServers;
    expect(proxmox.env).toMatchObject({
      PROXMOX_TOKEN_ID: 'audit@pve!mcp',
      PROXMOX_TOKEN_SECRET_FILE: join(home, 'mine'),
      PROXMOX_MPC_TIMEZONE: 'Asia/Tokyo',
      DATABASE_URL: `file:${join(home, 'lab.db')}`,
    });
    expect(await readdir(home)).not.toContain('data');
  });

  test('an existing file keeps everything else, its comments, its mode and a copy of what it was', async () => {
    const file = join(home, 'mcp.json');
    const before =
      '{\n\t// my servers\n\t"servers": {\n\t\t"other": { "command": "x" }, // keep\n\t},\n\t"inputs": [],\n}\n';
    await writeFile(file, before);
    await chmod(file, 0o640);
    const args = ['--client', 'vscode', '--config-file', file];
    expect((await init(args)).code).toBe(0);
    const after = await readFile(file, 'utf8');
    for (const part of [
      '// my servers',
      '"other": { "command": "x" }',
      '// keep',
      '"inputs": []',
      '\t\t"proxmox"',
    ])
      expect(after).toContain(part);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readFile(`${file}.before-proxmox-mpc`, 'utf8')).toBe(before);
    const again = await init(args);
    expect(again.stdout).toContain('Nothing to change');
    expect(await readFile(file, 'utf8')).toBe(after);
  });

  test('a link to a file elsewhere stays one', async () => {
    await writeFile(join(home, 'dotfile.json'), '{}');
    await symlink(join(home, 'dotfile.json'), join(home, 'mcp.json'));
    await init(['--client', 'cursor', '--config-file', join(home, 'mcp.json')]);
    expect((await json(join(home, 'dotfile.json'))).mcpServers.proxmox.args[1]).toBe('serve');
  });

  test.each([
    '{ "mcpServers": { }',
    '{ "mcpServers": [] }',
    '[]',
    'not json',
    '{ /* no comments here */ }',
    '{ "mcpServers": {}, "mcpServers": {} }',
    '{ "mcpServers": { "proxmox": 1 } }',
  ])('a file that cannot be understood stays untouched: %s', async text => {
    const file = join(home, 'claude.json');
    await writeFile(file, text);
    const { code, stderr } = await init(['--client', 'claude-desktop', '--config-file', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file} was left as it is`);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(home)).toEqual(['claude.json']);
  });

  test('another server of that name is replaced only when told', async () => {
    const file = join(home, 'mcp.json');
    const text = '{"mcpServers":{"proxmox":{"command":"python","args":["other.py"]}}}';
    await writeFile(file, text);
    const args = ['--client', 'cursor', '--config-file', file];
    const refused = await init(args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--yes');
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(home)).toEqual(['mcp.json']);
    expect((await init([...args, '--name', 'proxmox-lab'])).code).toBe(0);
    expect(Object.keys((await json(file)).mcpServers)).toEqual(['proxmox-lab', 'proxmox']);
    expect((await init([...args, '--yes'])).stdout).toContain('Replaced "proxmox"');
    expect((await json(file)).mcpServers.proxmox.args).toEqual([PROGRAM, 'serve']);
  });

  test('a password is never given to a client', async () => {
    const { username, password } = world.sim.users.root;
    const env = configured({ PROXMOX_TOKEN: '', PROXMOX_USERNAME: username, PROXMOX_PASSWORD: password });
    const { code, stderr } = await init(['--client', 'cursor'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('never a password');
    expect(await readdir(home)).toEqual([]);
  });
});

describe('at a terminal', () => {
  test('asks for all of it, shows the certificate before it sends anything, and never the secret', async () => {
    const person = startOnTerminal(['init'], cleanEnv(home));
    await person.until('Address of a Proxmox VE node');
    person.type(`${url()}/\r`);
    await person.until('is not trusted');
    await person.until(world.sim.fingerprint);
    await person.until('[y/N]');
    const asked = world.sim.requests.count();
    person.type('y\r');
    await person.until('pveum user token add mcp@pve mpc --privsep 1');
    await person.until('Token, such as');
    expect(world.sim.requests.count()).toBe(asked);
    person.type('audit@pve!mcp\r');
    await person.until('Its secret (not shown)');
    person.type(`${secret}\r`);
    await person.until('verified by its pinned fingerprint');
    await person.until('Level 1 of 3');
    await person.until('Write the configuration of a client?');
    person.type('cursor\r');
    const { code, shown } = await person.end;
    expect(code, shown).toBe(0);
    expect(shown).not.toContain(secret);
    const { proxmox } = (await json(join(home, '.cursor/mcp.json'))).mcpServers;
    expect(proxmox.env['PROXMOX_FINGERPRINT']).toBe(world.sim.fingerprint);
    expect(await clusterSeenHere(proxmox)).toBe('lab');
  });

  test('a certificate nobody knows ends it before a token is asked for', async () => {
    const person = startOnTerminal(['init', '--url', url()], cleanEnv(home));
    await person.until('[y/N]');
    person.type('\r');
    const { code, shown } = await person.end;
    expect(code).toBe(1);
    expect(shown).not.toContain('Token, such as');
  });

  test('Ctrl-C at a question ends it with nothing done', async () => {
    const person = startOnTerminal(['init'], cleanEnv(home));
    await person.until('Address of a Proxmox VE node');
    person.type('\u0003');
    const { code, shown } = await person.end;
    expect(code).toBe(2);
    expect(shown).toContain('Nothing was done.');
    expect(await readdir(home)).toEqual([]);
  });
});
