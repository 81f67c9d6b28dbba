import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plantSecret } from '../support/canary.ts';
import { WRITE_RIGHTS } from '../support/lab.ts';
import { PROGRAM, runProgram, startWorld, type World } from '../support/program.ts';
import { startOnTerminal } from '../support/pty.ts';

let world: World;
let writing: NodeJS.ProcessEnv;
let vm: string;
beforeAll(async () => {
  world = await startWorld();
  const token = world.sim.world.addToken('mcp@pve!write', WRITE_RIGHTS);
  const [id, secret] = token.split('=') as [string, string];
  plantSecret(secret);
  const file = join(world.folder, 'write.secret');
  await writeFile(file, secret, { mode: 0o600 });
  writing = { ...world.env, PROXMOX_WRITE_TOKEN_ID: id, PROXMOX_WRITE_TOKEN_SECRET_FILE: file };
  const { guests } = world.sim.truth.state();
  vm = Object.keys(guests).find(key => key.startsWith('vm/') && !guests[key]!.template)!;
});
afterAll(() => world.close());
beforeEach(() => world.sim.requests.reset());

const writes = () => world.sim.requests.list.filter(({ method }) => method !== 'GET');
const run = (args: string[], env = writing) => runProgram(args, env);
let count = 0;
async function planned(env = writing): Promise<string> {
  const { stdout } = await run(['plan', vm, '--set', `description=note ${++count}`, '--json'], env);
  return JSON.parse(stdout).plan;
}

test('at a terminal: a plan, an approval with its id typed, and then a table of what became of it', async () => {
  const plan = await planned();
  // Nobody has approved it, and nobody is there to ask.
  const refused = await run(['apply', plan]);
  expect([refused.code, refused.stdout]).toEqual([3, '']);
  expect(refused.stderr).toContain(`proxmox-mpc approve ${plan}`);
  const nobody = await run(['approve', plan]);
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('by a person at a terminal')]);
  // What is typed is not its id.
  const wrong = startOnTerminal(['approve', plan], writing);
  await wrong.until('anything else refuses it: ');
  wrong.type('yes\r');
  const { code: no, shown } = await wrong.end;
  expect([no, shown]).toEqual([
    3,
    expect.stringContaining(`Plan ${plan} for the cluster lab: 1 change to 1 guest`),
  ]);
  expect(shown).toContain(vm);
  expect(shown).toContain(`-> "note ${count}" (now)`);
  // What is shown elsewhere than on the terminal is not read there.
  const right = startOnTerminal(['approve', plan], writing);
  await right.until('anything else refuses it: ');
  right.type(`${plan}\r`);
  expect((await right.end).code).toBe(0);
  expect(writes()).toEqual([]);
  const done = await run(['apply', plan, '--why', 'ticket 4711']);
  expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('rror')]);
  expect(done.stdout).toMatch(/outcome +done/);
  expect(done.stdout).toMatch(new RegExp(`${vm} +config.description +verified`));
  expect(writes()).toHaveLength(1);
  const again = await run(['apply', plan, '--json']);
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([
    3,
    { outcome: 'refused', refusals: [{ code: 'used' }] },
  ]);
  expect(writes()).toHaveLength(1);
  const undo = await run(['plan', '--undo', plan, '--json']);
  expect(JSON.parse(undo.stdout).steps).toMatchObject([{ resource: vm, path: 'config.description' }]);
});

test('apply asks on a terminal itself', async () => {
  const plan = await planned();
  const apply = startOnTerminal(['apply', plan], writing);
  await apply.until('anything else refuses it: ');
  apply.type(`${plan}\r`);
  const { code, shown } = await apply.end;
  expect([code, shown]).toEqual([0, expect.stringContaining('verified')]);
  expect(writes()).toHaveLength(1);
});

test('exit codes: what is asked wrongly, and where writing is off', async () => {
  expect((await run(['apply', 'p-nothere'])).code).toBe(2);
  expect((await run(['apply'])).code).toBe(2);
  const off = await run(['apply', await planned(world.env)], world.env);
  expect([off.code, off.stderr]).toEqual([3, expect.stringContaining('writing is switched off')]);
  const host = { ...writing, PROXMOX_MPC_APPROVAL: 'host' };
  expect((await run(['apply', await planned()], host)).code).toBe(0);
  const bad = await run(['list-vms'], { ...writing, PROXMOX_MPC_WRITE: 'disks' });
  expect([bad.code, bad.stderr]).toEqual([
    2,
    expect.stringContaining('PROXMOX_MPC_WRITE "disks": must be some of'),
  ]);
});

test('over stdio: the tool is listed with its token alone, and asks the client’s person', async () => {
  const started = async (env: NodeJS.ProcessEnv, answer: 'accept' | 'decline') => {
    const client = new Client({ name: 'a-host', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: answer }));
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [PROGRAM, 'serve'],
        env: env as Record<string, string>,
        stderr: 'ignore',
      }),
    );
    return client;
  };
  const without = await started(world.env, 'accept');
  expect((await without.listTools()).tools.map(({ name }) => name)).not.toContain('apply_plan');
  expect(without.getInstructions()).toContain('Writes nothing to it.');
  const off = await without.callTool({ name: 'apply_plan', arguments: { plan: await planned() } });
  expect(off).toMatchObject({ isError: true, structuredContent: { refusals: [{ code: 'writing-off' }] } });
  await without.close();
  for (const answer of ['decline', 'accept'] as const) {
    const client = await started(writing, answer);
    const { tools } = await client.listTools();
    expect(tools.find(({ name }) => name === 'apply_plan')?.annotations?.destructiveHint).toBe(true);
    const set = { resource: vm, set: [`description=by ${answer}`] };
    const planned = (await client.callTool({ name: 'plan_changes', arguments: set })) as any;
    world.sim.requests.reset();
    const { plan } = planned.structuredContent;
    const result = (await client.callTool({ name: 'apply_plan', arguments: { plan } })) as any;
    expect(result.structuredContent.outcome).toBe(answer === 'accept' ? 'done' : 'refused');
    expect(writes()).toHaveLength(answer === 'accept' ? 1 : 0);
    await client.close();
  }
  expect(await readFile(writing['PROXMOX_WRITE_TOKEN_SECRET_FILE']!, 'utf8')).not.toBe('');
});
