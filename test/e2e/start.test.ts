import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnv, runProgram } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { SOAK } from '../support/soak.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxmox-mpc-start-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const SECRET = 'c0ffee00-dead-beef-0000-5ecde7000000';
const REACHABLE = { PROXMOX_URL: 'https://127.0.0.1:1', PROXMOX_TOKEN: `mpc@pve!mpc=${SECRET}` };

let turn = 0;
test.each([
  { name: 'nothing configured', env: {}, says: 'PROXMOX_URL is not set' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts hand on
  { name: 'an unexpanded variable', env: { PROXMOX_URL: '${PROXMOX_URL}' }, says: 'PROXMOX_URL is not set' },
  { name: 'no token', env: { PROXMOX_URL: 'https://pve1:8006' }, says: 'PROXMOX_TOKEN is not set' },
  {
    name: 'http',
    env: { ...REACHABLE, PROXMOX_URL: 'http://pve1:8006' },
    says: "PROXMOX_URL: 'http://pve1:8006'",
  },
  { name: 'half a token', env: { ...REACHABLE, PROXMOX_TOKEN: SECRET }, says: 'the token id' },
  {
    name: 'a CA that is not there',
    env: { ...REACHABLE, PROXMOX_CA_FILE: '/no/such.pem' },
    says: 'PROXMOX_CA_FILE "/no/such.pem"',
  },
  {
    name: 'a database of another kind',
    env: { ...REACHABLE, DATABASE_URL: 'mysql://h/x' },
    says: 'DATABASE_URL',
  },
  {
    name: 'engines that disagree',
    env: { ...REACHABLE, DATABASE_PROVIDER: 'postgresql' },
    says: 'DATABASE_PROVIDER',
  },
  {
    name: 'a number out of bounds',
    env: { ...REACHABLE, PROXMOX_MPC_CONCURRENCY: '0' },
    says: 'PROXMOX_MPC_CONCURRENCY "0"',
  },
])('bad configuration ends with 2 before anything starts: $name', async ({ name, env, says }) => {
  // Each by one of three commands; by all in the soak.
  const commands = ['serve', 'list-vms', 'watch'];
  for (const command of SOAK ? commands : [commands[turn++ % commands.length]!]) {
    const { code, stdout, stderr } = await (name === 'half a token' ? runProgram : runHere)(
      [command],
      cleanEnv(home, env),
    );
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain(SECRET);
    expect(stdout).toBe('');
  }
  expect(existsSync(join(home, 'data'))).toBe(false);
});

test.each([
  { args: ['lst-vms'], says: 'Did you mean list-vms' },
  { args: ['list-vms', '--nope'], says: 'unknown option' },
  { args: ['list-vms', '--limit', '9999'], says: '--limit' },
  { args: ['call', 'no_such_tool'], says: 'no_such_tool' },
  { args: ['call', 'list_vms', 'limit=5'], says: 'is not JSON' },
  { args: ['serve', '--poll', 'often'], says: '--poll' },
  { args: ['list-vms', '--demo', '--database-url', 'file:/tmp/x.db'], says: '--demo has a store of its own' },
])('bad usage ends with 2: $args', async ({ args, says }) => {
  const run = args[0] === 'lst-vms' ? runProgram : runHere;
  const { code, stdout, stderr } = await run(args, cleanEnv(home, REACHABLE));
  expect(code, stderr).toBe(2);
  expect(stderr).toContain(says);
  expect(stdout).toBe('');
});

test('a cluster that does not answer is a failed call: 1, with the next step', async () => {
  const { code, stdout, stderr } = await runProgram(['list-vms'], cleanEnv(home, REACHABLE));
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('does not answer');
  expect(stderr).toContain('Next:');
  expect(stderr).not.toContain(SECRET);
});

test('help and version are printed, and end with 0', async () => {
  const help = await runProgram(['--help'], cleanEnv(home));
  expect(help.code).toBe(0);
  for (const command of ['serve', 'watch', 'list-vms', 'diff-state', 'call', 'test-connection', 'db']) {
    expect(help.stdout).toContain(`\n  ${command} `);
  }
  const one = await runHere(['list-vms', '--help'], cleanEnv(home));
  expect(one.code).toBe(0);
  expect(one.stdout).toContain('--status');
  expect(one.stdout).toContain('Example:\n  proxmox-mpc list-vms --');
  expect((await runHere(['--version'], cleanEnv(home))).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

/** Makes a Node look like another version to whatever is loaded after. */
function pretend(version: string): string[] {
  const code = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

test.each([
  '18.20.4',
  '20.20.2',
  '22.11.0',
])('Node %s is refused in one sentence, before anything else is loaded', async version => {
  const { code, stdout, stderr } = await runProgram(
    ['serve'],
    cleanEnv(home, REACHABLE),
    '',
    pretend(version),
  );
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    `proxmox-mpc needs Node.js 22.14 or newer (of 23, 23.6 or newer); this is ${version}.\n`,
  );
});

test.each(['22.14.0', '23.6.0', '24.0.0'])('Node %s passes the gate', async version => {
  const { code } = await runProgram(['--version'], cleanEnv(home), '', pretend(version));
  expect(code).toBe(0);
});
