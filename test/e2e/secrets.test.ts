import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OptionDefinition } from '../../src/config/option.ts';
import { OPTIONS } from '../../src/config/options.ts';
import type { StoreStatus } from '../../src/database/maintenance/index.ts';
import { clientFile } from '../support/client-file.ts';
import { cleanEnv, runProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { SOAK } from '../support/soak.ts';

/*
 * Where a secret may land: a client's configuration and its copies, other files, what the program says, the arguments of a
 * process.
 */

const PASSWORD = 'pw-3f9c/with@odd:signs';
const ADDRESS = `postgresql://mpc:${encodeURIComponent(PASSWORD)}@db.example.com:5432/mpc`;
const ANY_PART = /3f9c|odd%3Asigns|odd:signs/;

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

const configured = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnv(home, {
    PROXMOX_URL: world.env['PROXMOX_URL']!,
    PROXMOX_TOKEN: world.sim.tokens.auditor,
    PROXMOX_CA_FILE: world.env['PROXMOX_CA_FILE'],
    ...extra,
  });
const init = (file: string, env = {}, args: string[] = []) =>
  runHere(['init', '--client', 'cursor', '--config-file', file, ...args], configured(env));
const mode = async (file: string) => (await stat(file)).mode & 0o777;

/** Every file below a folder. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter(one => one.isFile()).map(one => join(one.parentPath, one.name));
}

describe('init', () => {
  test.each([
    ['in the address', ADDRESS],
    ['as a parameter', `postgresql://mpc@db.example.com/mpc?password=${encodeURIComponent(PASSWORD)}`],
    ['of a key', `postgresql://mpc@db.example.com/mpc?sslpassword=${encodeURIComponent(PASSWORD)}`],
  ])('keeps a database password in a file of its own: %s', async (_where, address) => {
    const file = join(home, 'mcp.json');
    const { code, stdout, stderr } = await init(file, { DATABASE_URL: address });
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).not.toMatch(ANY_PART);
    const { env } = clientFile(await readFile(file, 'utf8')).mcpServers.proxmox;
    expect(env['DATABASE_URL']).toBeUndefined();
    const kept = env['DATABASE_URL_FILE']!;
    expect(await readFile(kept, 'utf8')).toBe(`${address}\n`);
    for (const one of await filesBelow(home)) {
      expect(await mode(one), one).toBe(0o600);
      const holds = (await readFile(one, 'utf8')).match(ANY_PART) !== null;
      expect(holds, one).toBe(one === kept);
    }
    // What the client starts reads it there.
    const started = await runHere(['db', 'status'], { ...cleanEnv(home), ...env });
    expect(started.stdout + started.stderr).not.toMatch(ANY_PART);
    expect(started.stderr).toContain('cannot be reached');
  });

  test('an address without a password stays readable; the one that was there before goes', async () => {
    const file = join(home, 'mcp.json');
    await init(file, { DATABASE_URL: ADDRESS });
    const plain = 'postgresql://mpc@db.example.com/mpc';
    await init(file, { DATABASE_URL: plain });
    const { env } = clientFile(await readFile(file, 'utf8')).mcpServers.proxmox;
    expect([env['DATABASE_URL'], env['DATABASE_URL_FILE']]).toEqual([plain, undefined]);
    const kept = join(home, 'address');
    await writeFile(kept, ADDRESS, { mode: 0o600 });
    await init(file, { DATABASE_URL_FILE: kept });
    const { env: now } = clientFile(await readFile(file, 'utf8')).mcpServers.proxmox;
    expect([now['DATABASE_URL'], now['DATABASE_URL_FILE']]).toEqual([undefined, kept]);
  });

  test('no option that is secret is written, whichever there are', async () => {
    const planted: { [name: string]: string } = {};
    for (const { secret, env } of Object.values(OPTIONS) as OptionDefinition[])
      if (secret) planted[env[0]!] = `planted-${env[0]}`;
    const file = join(home, 'mcp.json');
    const write = { PROXMOX_WRITE_TOKEN_ID: 'mcp@pve!write' };
    const env = { ...planted, ...write, PROXMOX_TOKEN: world.sim.tokens.auditor, DATABASE_URL: ADDRESS };
    const { code, stdout, stderr } = await init(file, env);
    expect(code, stderr).toBe(0);
    const told = stdout + stderr + (await readFile(file, 'utf8'));
    for (const value of [...Object.values(planted), secret]) expect(told).not.toContain(value);
    expect(told).not.toMatch(ANY_PART);
  });

  test('each run keeps a copy of its own, for its owner alone', async () => {
    const file = join(home, 'mcp.json');
    const texts = ['{"mcpServers":{},"n":1}', '{"mcpServers":{},"n":2}', '{"mcpServers":{},"n":3}'];
    for (const text of texts) {
      await writeFile(file, text);
      await chmod(file, 0o644);
      expect((await init(file)).code).toBe(0);
    }
    const copies = ['', '-2', '-3'].map(end => `${file}.before-proxmox-mpc${end}`);
    for (const [at, copy] of copies.entries()) {
      expect(await readFile(copy, 'utf8')).toBe(texts[at]);
      expect(await mode(copy)).toBe(0o600);
    }
    expect(await mode(file)).toBe(0o644);
    await chmod(file, 0o400);
    await init(file, {}, ['--name', 'more']);
    expect(await mode(`${file}.before-proxmox-mpc-4`)).toBe(0o400);
  });

  test('a copy never goes where a link leads', async () => {
    const file = join(home, 'mcp.json');
    const victim = join(home, 'victim');
    await writeFile(victim, 'mine');
    await writeFile(file, '{"mcpServers":{}}');
    await symlink(victim, `${file}.before-proxmox-mpc`);
    await symlink(join(home, 'nowhere'), `${file}.before-proxmox-mpc-2`);
    expect((await init(file)).code).toBe(0);
    expect(await readFile(victim, 'utf8')).toBe('mine');
    expect(await readdir(home)).not.toContain('nowhere');
    expect(await readFile(`${file}.before-proxmox-mpc-3`, 'utf8')).toBe('{"mcpServers":{}}');
  });

  test('a link to nowhere, and what is no file, are refused', async () => {
    await symlink(join(home, 'nowhere'), join(home, 'link'));
    for (const [path, why] of [
      [join(home, 'link'), 'a link to a file that is not there'],
      [home, 'directory|no regular file'],
      ['/dev/null', 'no regular file'],
    ] as const) {
      const { code, stderr } = await init(path);
      expect([code, stderr]).toEqual([expect.any(Number), expect.stringMatching(why)]);
      expect(code).not.toBe(0);
    }
    expect(await readdir(home)).toEqual(['link']);
  });

  test('old secrets are pointed out by file and key, never by value', async () => {
    const file = join(home, 'mcp.json');
    const other = join(home, '.claude.json');
    const old = {
      command: 'npx',
      args: ['proxmox-mpc', 'serve', '--database-url', ADDRESS],
      env: { PROXMOX_TOKEN: `mcp@pve!mpc=${secret}`, PROXMOX_PASSWORD: 'hunter-two', DATABASE_URL: ADDRESS },
    };
    await writeFile(file, JSON.stringify({ mcpServers: { proxmox: old, lab: old } }));
    await writeFile(
      other,
      JSON.stringify({
        mcpServers: {
          x: {
            env: { MY: `a@pve!b=${secret}`, GITHUB_TOKEN: 'not-ours', OK: ['$', '{PROXMOX_TOKEN}'].join('') },
          },
        },
      }),
    );
    const { code, stdout, stderr } = await init(file);
    expect(code, stderr).toBe(0);
    for (const key of ['PROXMOX_TOKEN', 'PROXMOX_PASSWORD', 'DATABASE_URL'])
      expect(stderr).toContain(`${file} still holds a secret under mcpServers.lab.env.${key}`);
    expect(stderr).toContain(
      `${file}.before-proxmox-mpc still holds a secret under mcpServers.proxmox.env.PROXMOX_TOKEN`,
    );
    expect(stderr).toContain(`${file} still holds a secret under mcpServers.lab.args.3`);
    expect(stderr).toContain(`${other} still holds a secret under mcpServers.x.env.MY`);
    expect(stderr).not.toMatch(/GITHUB|env\.OK/);
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toMatch(ANY_PART);
    expect(stdout + stderr).not.toContain('hunter-two');
    // Told where the store is, nothing of it stays in the entry that was written.
    await init(file, { DATABASE_URL: ADDRESS });
    expect(JSON.stringify(clientFile(await readFile(file, 'utf8')).mcpServers.proxmox)).not.toMatch(ANY_PART);
  });
});

describe('on the command line', () => {
  const SECRET = '0a1b2c3d-1111-2222-3333-444455556666';
  let turn = 0;
  test.each([
    ['--database-url', ADDRESS],
    [`--database-url=${ADDRESS}`],
    ['--database-url', `postgresql://db/mpc?password=${encodeURIComponent(PASSWORD)}`],
    ['--token', `mcp@pve!mpc=${SECRET}`],
    [`--token=mcp@pve!mpc=${SECRET}`],
    [`--proxmox-token=${SECRET}`],
    ['--PROXMOX_TOKEN', SECRET],
    [`--token-secret=${SECRET}`],
    ['--secret', SECRET],
    ['--password', SECRET],
    [`--tokn=${SECRET}`],
    [`-password=${SECRET}`],
    [`PROXMOX_PASSWORD=${SECRET}`],
    [`PROXMOX_TOKEN=mcp@pve!mpc=${SECRET}`],
    [`mcp@pve!mpc=${SECRET}`],
    ['--url', `https://root:${SECRET}@127.0.0.1:8006`],
    ['--url', `https://root:${SECRET}/@127.0.0.1:8006`],
    ['--url', `root:${SECRET}@127.0.0.1:8006`],
    ['--url', `https://127.0.0.1:8006,https://root:${SECRET}@pve2`],
  ])('%s is refused, not repeated, with the way to do it right', async (...words) => {
    // Behind a tool, before a command and behind another in turn; each of them in the soak.
    const places = [
      ['list-vms', ...words],
      [...words, 'db', 'status'],
      ['init', ...words],
    ];
    for (const args of SOAK ? places : [places[turn++ % places.length]!]) {
      // One as a process: what it says before anything is put together, and no stack of Node's.
      const run = words[0] === '--token' ? runProgram : runHere;
      const { code, stdout, stderr } = await run(args, configured());
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/PROXMOX_TOKEN|DATABASE_URL_FILE|Example: --url|unknown option/);
      expect(stderr).not.toMatch(ANY_PART);
      expect(stderr).not.toContain(SECRET);
    }
  });

  test('an address without a password is taken', async () => {
    const { stderr } = await runHere(
      ['db', 'status', '--database-url', 'postgresql://mpc@127.0.0.1:1/mpc'],
      configured(),
    );
    expect(stderr).toContain('cannot be reached');
  });
});

describe('files that others may read', () => {
  test('are told at the start and in db status, with the command that mends it', async () => {
    const files = {
      store: join(home, 'store.db'),
      token: join(home, 'it’s "a" token'),
      write: join(home, 'write.secret'),
      env: join(home, 'env'),
    };
    await writeFile(files.token, secret);
    await writeFile(files.write, secret);
    await writeFile(files.env, `PROXMOX_PASSWORD=unused\n`);
    const env = configured({
      PROXMOX_TOKEN: '',
      PROXMOX_TOKEN_ID: 'audit@pve!mcp',
      PROXMOX_TOKEN_SECRET_FILE: files.token,
      PROXMOX_WRITE_TOKEN_ID: 'mcp@pve!write',
      PROXMOX_WRITE_TOKEN_SECRET_FILE: files.write,
      DATABASE_URL: `file:${files.store}`,
    });
    const say = (...args: string[]) => runHere([...args, '--env-file', files.env], env);
    for (const file of [files.token, files.write, files.env]) await chmod(file, 0o600);
    const quiet = await say('list-vms');
    expect([quiet.code, quiet.stderr.includes('others')]).toEqual([0, false]);
    expect(quiet.stderr).not.toContain('chmod');
    const exposures = async () =>
      (JSON.parse((await say('db', 'status', '--json')).stdout) as StoreStatus).exposed;
    expect(await exposures()).toEqual([]);

    for (const file of Object.values(files)) await chmod(file, 0o644);
    const loud = await say('list-vms');
    const status = await say('db', 'status');
    const exposed = await exposures();
    // What SQLite keeps beside the store has its mode.
    const beside = (path: string) => !/-(?:wal|shm)$/.test(path);
    expect(
      exposed
        .map((one: { path: string }) => one.path)
        .filter(beside)
        .sort(),
    ).toEqual(Object.values(files).sort());
    for (const { path, mend } of exposed.filter((one: { path: string }) => beside(one.path))) {
      expect(loud.stderr).toContain(path);
      expect(loud.stderr).toContain(mend);
      expect(status.stdout.replace(/\s+/g, ' ')).toContain(mend.slice(0, 20));
    }
    expect(loud.stderr).not.toContain(secret);
    for (const { path, mend } of exposed) if (beside(path)) execFileSync('sh', ['-c', mend]);
    for (const file of Object.values(files)) expect(await mode(file), file).toBe(0o600);
  });
});
