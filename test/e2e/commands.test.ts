import { once } from 'node:events';
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreStatus } from '../../src/database/maintenance/index.ts';
import { plantSecret } from '../support/canary.ts';
import { clockAhead, ended, runProgram, spawnProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { answerIn } from '../support/rpc.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const run = (args: string[], input = '', env: NodeJS.ProcessEnv = {}) =>
  runHere(args, { ...world.env, ...env }, input);

describe('tools as commands', () => {
  test('print a table for people, with what it rests on beside it', async () => {
    const { code, stdout, stderr } = await runProgram(
      ['list-vms', '--limit', '3', '--sort', 'vmid'],
      world.env,
    );
    expect(code, stderr).toBe(0);
    const [head, ...rows] = stdout.trim().split('\n');
    expect(head).toMatch(/^VMID +NAME +NODE +STATUS/);
    expect(rows).toHaveLength(3);
    expect(stderr).toMatch(/3 of \d+; as of 20\d\d-\d\d-\d\d \d\d:\d\d \(live\)/);
    expect(stderr).toContain('--cursor');
    expect(stdout + stderr).not.toContain('\u001b');
  });

  test('--json prints the structured half', async () => {
    const { code, stdout } = await run(['list-nodes', '--json']);
    expect(code).toBe(0);
    expect(answerIn('list_nodes', stdout).nodes.map(row => row.node)).toEqual(['pve1', 'pve2', 'pve3']);
  });

  test('SQL is a table of its columns, and a fault says what was probably meant', async () => {
    const sql = 'select node, count(*) as guests from guests group by node order by node';
    const { code, stdout, stderr } = await runProgram(['query-sql', sql], world.env);
    expect(code, stderr).toBe(0);
    const [head, ...rows] = stdout.trim().split('\n');
    expect(head).toMatch(/^NODE +GUESTS$/);
    expect(rows.map(row => row.split(' ')[0])).toEqual(['pve1', 'pve2', 'pve3']);
    const wrong = await run(['query-sql', 'select nod from guests']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Did you mean node');
  });

  test('a change reads as a line: when, what, which field, who', async () => {
    await run(['discover']);
    const vmid = Number(
      Object.keys(world.sim.truth.state().guests)
        .find(name => name.startsWith('vm/'))!
        .slice(3),
    );
    world.sim.world.setTags(vmid, ['seen-by-test'], { user: 'anna@pve' });
    const { code, stdout, stderr } = await run(['show-history', `vm/${vmid}`, '--max-age-seconds', '0']);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`\\d\\d:\\d\\d  vm/${vmid}.*updated.*tags .* -> seen-by-test`));
  });

  test('a resource that does not exist is a failed call', async () => {
    const { code, stdout, stderr } = await run(['show-history', 'vm/99999']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('99999');
    const json = await run(['show-history', 'vm/99999', '--json']);
    expect(json.code).toBe(1);
    expect(answerIn('show_history', json.stdout).error).toContain('99999');
  });

  test('a file of variables stands below flags and environment', async () => {
    const file = join(world.folder, 'variables.env');
    await writeFile(file, `PROXMOX_URL=${world.env.PROXMOX_URL}\nPROXMOX_MPC_TIMEZONE=Asia/Tokyo\n`);
    const args = ['list-nodes', '--json', '--env-file', file];
    const fromFile = await run(args, '', { PROXMOX_URL: '' });
    expect(fromFile.code, fromFile.stderr).toBe(0);
    expect(answerIn('list_nodes', fromFile.stdout).as_of).toMatch(/\+09:00$/);
    const fromEnvironment = await run(args, '', { PROXMOX_MPC_TIMEZONE: 'UTC' });
    expect(answerIn('list_nodes', fromEnvironment.stdout).as_of).toMatch(/\+00:00$/);
    const fromFlag = await run([...args, '--timezone', 'America/New_York']);
    expect(answerIn('list_nodes', fromFlag.stdout).as_of).toMatch(/-0[45]:00$/);
  });
});

describe('watch', () => {
  test('discovers until told to end, and ends with 0', async () => {
    // Also where the store knows the cluster already, the first discovery is told: silence could be anything.
    const env = { ...world.env, XDG_DATA_HOME: await mkdtemp(join(world.folder, 'watched-')) };
    for (const run of [1, 2]) {
      // What was read a moment before is not read again yet.
      const child = spawnProgram(['watch', '--every', '5'], env, clockAhead(run === 1 ? 0 : 4_000));
      const end = ended(child);
      await once(child.stderr, 'data');
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await end;
      expect(code).toBe(0);
      expect(stdout).toBe('');
      expect(stderr).toMatch(new RegExp(`info discovered run=${run} calls=\\d+`));
    }
  });
});

describe('call', () => {
  test('takes JSON and prints JSON', async () => {
    const { code, stdout } = await run(['call', 'list_vms', '{"limit":2}']);
    expect(code).toBe(0);
    expect(answerIn('list_vms', stdout).vms).toHaveLength(2);
  });

  test('- answers each line of input by one line, in order, and exits with 1 when one failed', async () => {
    const input = ['{"limit":1}', '{"limit":2}', 'no json', '{"nope":1}', '', '{"limit":3}'].join('\n');
    const { code, stdout } = await runProgram(['call', 'list_vms', '-'], world.env, input);
    expect(code).toBe(1);
    const answers = stdout
      .trim()
      .split('\n')
      .map(line => answerIn('list_vms', line));
    expect(answers.map(answer => answer.vms?.length ?? 'error')).toEqual([1, 2, 'error', 'error', 3]);
    expect((await run(['call', 'list_vms', '-'], '{"limit":1}\n{"limit":2}')).code).toBe(0);
  });
});

describe('test-connection', () => {
  test('names version, user, certificate and what may be seen', async () => {
    const { code, stdout, stderr } = await runProgram(['test-connection', '-v'], world.env);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Proxmox VE 9.');
    expect(stdout).toContain('root@pam!mcp');
    expect(stdout).toContain('verified by PROXMOX_CA_FILE');
    expect(stdout).toContain('3 nodes');
    expect(stdout).toContain('SHA-256');
  });

  test('an auditor is told what stays unknown', async () => {
    const { code, stdout } = await run(['test-connection'], '', { PROXMOX_TOKEN: world.sim.tokens.auditor });
    expect(code).toBe(0);
    expect(stdout).toContain('may not see the cluster log');
    expect(stdout).toContain("--tokens 'audit@pve!mcp'");
  });

  test('a token without rights cannot be used', async () => {
    const { code, stdout } = await run(['test-connection'], '', { PROXMOX_TOKEN: world.sim.tokens.none });
    expect(code).toBe(1);
    expect(stdout).toContain('pveum acl modify / --users nobody@pve --tokens');
  });

  // One run a row: what a token that writes may do depends on nothing else.
  test.each([
    ['tags,memory', ['VM.Config.Options', 'VM.Config.Memory'], ['✓ ID may write tags, memory\n'], ['! ID']],
    [
      'tags,memory,power',
      ['VM.Config.Options', 'VM.Allocate', 'Sys.Modify'],
      [
        '✓ ID may write tags\n',
        '! ID may not write memory, power everywhere yet (needs VM.Config.Memory and VM.PowerMgmt)',
        'pveum role add MpcWrite --privs VM.Config.Options,VM.Config.Memory,VM.PowerMgmt',
        '! ID may do much that is never needed here (VM.Allocate, Sys.Modify)',
      ],
      [],
    ],
    ['network', ['VM.Config.Network'], ['! ID may not use a bridge (needs SDN.Use on it)'], []],
    ['tags', null, ['! ID cannot be used: '], ['may write']],
  ])('the token that writes %s and may do %j', async (kinds, privs, says, not) => {
    const token = world.sim.world.addToken('mcp@pve!write', privs === null ? [] : [{ path: '/', privs }]);
    const [id, secret] = token.split('=') as [string, string];
    plantSecret(secret);
    if (privs === null) world.sim.world.revokeToken(id);
    const env = {
      PROXMOX_WRITE_TOKEN_ID: id,
      PROXMOX_WRITE_TOKEN_SECRET: secret,
      PROXMOX_MPC_WRITE: kinds,
    };
    world.sim.requests.reset();
    const { code, stdout, stderr } = await run(['test-connection', '-v'], '', env);
    // Reading works without it.
    expect([code, stderr]).toEqual([0, '']);
    for (const text of says) expect(stdout).toContain(text.replace('ID', id));
    for (const text of not) expect(stdout).not.toContain(text.replace('ID', id));
    expect(stdout).not.toContain(secret);
    expect(world.sim.requests.list.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('how to write without a token to write with is warned of', async () => {
    const { code, stderr } = await run(['test-connection'], '', { PROXMOX_MPC_WRITE: 'tags' });
    expect([code, stderr]).toEqual([0, expect.stringContaining('PROXMOX_MPC_WRITE is set, but there is no')]);
  });

  test('an untrusted certificate is shown with the way to pin it', async () => {
    const { code, stdout } = await run(['test-connection'], '', { PROXMOX_CA_FILE: '' });
    expect(code).toBe(1);
    expect(stdout).toContain(`PROXMOX_FINGERPRINT=${world.sim.fingerprint}`);
  });

  test('a wrong secret is refused without being shown', async () => {
    const token = 'root@pam!mcp=00000000-0000-0000-0000-00000badc0de';
    const { code, stdout, stderr } = await run(['test-connection'], '', { PROXMOX_TOKEN: token });
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('badc0de');
  });
});

describe('db', () => {
  const store = () => join(world.folder, 'data', 'proxmox-mpc', 'proxmox-mpc.db');

  test('status, backup, restore and reset need no Proxmox', async () => {
    await run(['discover']);
    const alone = { PROXMOX_URL: '', PROXMOX_TOKEN: '' };
    const status = await run(['db', 'status', '--json'], '', alone);
    expect(status.code, status.stderr).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ provider: 'sqlite', at: store(), schema: 'current' });
    expect((await stat(store())).mode & 0o777).toBe(0o600);
    const backup = join(await mkdtemp(join(world.folder, 'backup-')), 'backup.db');
    expect((await run(['db', 'backup', backup], '', alone)).code).toBe(0);
    const asked = await run(['db', 'reset'], '', alone);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('--yes');
    expect((await run(['db', 'reset', '--yes'], '', alone)).code).toBe(0);
    const lastRun = async () => {
      const { stdout } = await run(['db', 'status', '--json'], '', alone);
      return (JSON.parse(stdout) as StoreStatus).lastRun;
    };
    expect(await lastRun()).toBeNull();
    expect((await run(['db', 'restore', backup, '--yes'], '', alone)).code).toBe(0);
    const there = await runProgram(['db', 'status', '--json'], { ...world.env, ...alone });
    expect((JSON.parse(there.stdout) as StoreStatus).lastRun).not.toBeNull();
    expect((await run(['db', 'migrate'], '', alone)).stdout).toContain('up to date');
  });
});

// Kills: waiting for another process's discovery on timers that keep no process alive: it ends unanswered, with exit code 13.
test('commands that run at once all answer: who does not discover waits for who does', async () => {
  const runs = await Promise.all(
    Array.from({ length: 4 }, () => runProgram(['list-nodes', '--max-age', '0', '--json'], world.env)),
  );
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']));
});
