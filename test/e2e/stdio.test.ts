import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, runProgram, spawnProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { answerIn, messagesIn, toldBy } from '../support/rpc.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
const call = (id: number, name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const lines = (...messages: object[]) => messages.map(message => `${JSON.stringify(message)}\n`).join('');
/** What was answered, by the id of what asked for it. */
const answers = (stdout: string) => {
  const answered = messagesIn(stdout).filter(message => 'id' in message);
  return new Map(answered.map(message => [Number(message.id), message]));
};

describe('the server over pipes', () => {
  test('input given at once and ended: every call is answered before the exit', async () => {
    const calls = ['get_cluster_status', 'list_vms', 'list_nodes', 'list_storage', 'diff_state'];
    const input = lines(initialize, initialized, ...calls.map((name, at) => call(at + 1, name)));
    const { code, stdout } = await runProgram(['serve'], world.env, input);
    expect(code).toBe(0);
    const answered = answers(stdout);
    expect([...answered.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [id, { result }] of answered)
      if (id > 0) expect(result.isError, JSON.stringify(result)).toBeFalsy();
    expect(toldBy('list_vms', answered.get(2)).vms.length).toBeGreaterThan(5);
    expect(answerIn('list_vms', answered.get(2)!.result.content[0]!.text)).toEqual(
      toldBy('list_vms', answered.get(2)),
    );
  });

  test('the bare program serves, and nothing but protocol is on stdout', async () => {
    const { code, stdout, stderr } = await runProgram(
      [],
      { ...world.env, PROXMOX_MPC_LOG_LEVEL: 'debug' },
      lines(initialize, initialized, call(1, 'list_vms')),
    );
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    for (const { jsonrpc } of messagesIn(stdout)) expect(jsonrpc).toBe('2.0');
    expect(stderr).toContain('info proxmox-mpc');
  });

  test('an unknown tool and unknown arguments are errors with a next step', async () => {
    const input = lines(initialize, initialized, call(1, 'list_vm'), call(2, 'list_vms', { nodes: 'pve1' }));
    const { code, stdout } = await runHere(['serve'], world.env, input);
    expect(code).toBe(0);
    expect(answers(stdout).get(1)!.error.message).toContain('list_vms');
    const { result } = answers(stdout).get(2)!;
    expect(result.isError).toBe(true);
    expect(result.content[0]!.text).toContain('did you mean node?');
  });

  test('no input at all ends with 0 and leaves no store behind', async () => {
    const env = { ...world.env, XDG_DATA_HOME: join(world.folder, 'untouched') };
    const { code, stdout } = await runProgram(['serve'], env);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(existsSync(join(world.folder, 'untouched'))).toBe(false);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly', async signal => {
    const child = spawnProgram(['serve', '--poll', '5'], world.env);
    const end = ended(child);
    child.stdin.write(lines(initialize));
    await once(child.stdout, 'data');
    child.kill(signal);
    expect((await end).code).toBe(0);
  });

  test('a client that stops reading does not bring the server down with a stack', async () => {
    const child = spawnProgram(['serve'], world.env);
    const end = ended(child);
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    child.stdin.write(lines(initialize, initialized, call(1, 'list_vms')));
    const { code, stderr } = await end;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
