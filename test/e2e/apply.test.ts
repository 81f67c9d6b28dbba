import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plantSecret } from '../support/canary.ts';
import { WRITE_RIGHTS } from '../support/lab.ts';
import {
  clockAhead,
  ended,
  imported,
  PROGRAM,
  spawnProgram,
  startWorld,
  type World,
} from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { startOnTerminal } from '../support/pty.ts';
import { answerIn, callTool, messagesIn, toldBy } from '../support/rpc.ts';

let world: World;
let writing: NodeJS.ProcessEnv;
/** VMs, of which each that a process is killed over is written to by nobody else. */
let vms: string[];
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
  vms = Object.keys(guests).filter(key => key.startsWith('vm/') && !guests[key]!.template);
  [vm] = vms as [string];
});
afterAll(() => world.close());
beforeEach(() => world.sim.requests.reset());

const writes = () => world.sim.requests.list.filter(({ method }) => method !== 'GET');
const run = (args: string[], env = writing) => runHere(args, env);
let count = 0;
async function planned(env = writing, resource = vm): Promise<string> {
  const { stdout } = await run(['plan', resource, '--set', `description=note ${++count}`, '--json'], env);
  return answerIn('plan_changes', stdout).plan;
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
  expect(answerIn('plan_changes', undo.stdout).steps).toMatchObject([
    { resource: vm, path: 'config.description' },
  ]);
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

test('apply exits with 2 for what is asked wrongly, and with 3 where writing is off', async () => {
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

test('apply exits with 1 where all of it failed, and where some of it did', async () => {
  const host = { ...writing, PROXMOX_MPC_APPROVAL: 'host' };
  const full = {
    match: /\/config$/,
    method: 'PUT',
    times: 1,
    kind: 'status',
    reason: 'no space left',
  } as const;
  world.sim.faults.add(full);
  const failed = await run(['apply', await planned()], host);
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/outcome +failed/)]);
  expect(failed.stdout).toContain('no space left');
  const all = await run(['plan', '--type', 'vm', '--set', 'tags+=some', '--json'], host);
  world.sim.faults.add({ ...full, after: 1 });
  world.sim.requests.reset();
  const partial = await run(['apply', answerIn('plan_changes', all.stdout).plan, '--json'], host);
  expect([partial.code, answerIn('apply_plan', partial.stdout).outcome]).toEqual([1, 'partial']);
  expect(writes().filter(({ status }) => status !== 200)).toHaveLength(1);
});

test('over stdio: the tool is listed with its token alone, and asks the client’s person', async () => {
  const initialize = { protocolVersion: '2025-11-25', clientInfo: { name: 'a-host', version: '1' } };
  const requests = [
    { method: 'initialize', params: { ...initialize, capabilities: { elicitation: {} } } },
    { method: 'tools/list' },
    { method: 'tools/call', params: { name: 'apply_plan', arguments: { plan: await planned() } } },
  ].map((one, id) => `${JSON.stringify({ jsonrpc: '2.0', id, ...one })}\n`);
  const without = await runHere(['serve'], world.env, requests.join(''));
  const [greeting, listed, off] = [0, 1, 2].map(id => messagesIn(without.stdout).find(one => one.id === id));
  expect(greeting!.result.instructions).toContain('Writes nothing to it.');
  expect(listed!.result.tools.map(({ name }) => name)).not.toContain('apply_plan');
  expect(off!.result.isError).toBe(true);
  expect(toldBy('apply_plan', off).refusals).toMatchObject([{ code: 'writing-off' }]);

  let answer: 'accept' | 'decline' = 'decline';
  const client = new Client({ name: 'a-host', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: answer }));
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, 'serve'],
      env: writing as Record<string, string>,
      stderr: 'ignore',
    }),
  );
  const { tools } = await client.listTools();
  expect(tools.find(({ name }) => name === 'apply_plan')?.annotations?.destructiveHint).toBe(true);
  for (answer of ['decline', 'accept'] as const) {
    const set = { resource: vm, set: [`description=by ${answer}`] };
    const planned = await callTool(client, 'plan_changes', set);
    world.sim.requests.reset();
    const { plan } = planned.structuredContent;
    const result = await callTool(client, 'apply_plan', { plan });
    expect(result.structuredContent.outcome).toBe(answer === 'accept' ? 'done' : 'refused');
    expect(writes()).toHaveLength(answer === 'accept' ? 1 : 0);
  }
  await client.close();
  expect(await readFile(writing['PROXMOX_WRITE_TOKEN_SECRET_FILE']!, 'utf8')).not.toBe('');
});

const PUT = { match: /\/config$/, method: 'PUT', kind: 'slow', delayMs: 20_000 } as const;
const DIES_AT_PUT = `import { OutgoingMessage } from 'node:http';
  for (const name of ['write', 'end']) {
    const own = OutgoingMessage.prototype[name];
    OutgoingMessage.prototype[name] = function (...args) {
      if (this.method === 'PUT') process.kill(process.pid, 'SIGKILL');
      return own.apply(this, args);
    };
  }`;

describe('killed', () => {
  /** How far the clocks of what is started are ahead of this one's, and the cluster's with them (ms). */
  let ahead = 0;
  let host: NodeJS.ProcessEnv;
  const plans: { guest: string; plan: string; note: string }[] = [];
  beforeAll(async () => {
    host = { ...writing, PROXMOX_MPC_APPROVAL: 'host' };
    for (const guest of vms.slice(1, 4)) {
      const plan = await planned(host, guest);
      plans.push({ guest, plan, note: `note ${count}` });
    }
  });

  test.each([
    { moment: 'just before the write is sent', nodeArgs: imported(DIES_AT_PUT), took: false },
    { moment: 'after it took effect, before its answer', slow: { ...PUT, acts: true as const }, took: true },
    // The first reading is the one that the write rests on.
    {
      moment: 'after its answer',
      slow: { ...PUT, match: /\/pending$/, method: 'GET', after: 1 },
      took: true,
    },
  ])('$moment, what became of a write is read by the next process, and never sent again', async one => {
    const { guest, plan, note } = plans.shift()!;
    if (one.slow !== undefined) world.sim.faults.add(one.slow);
    world.sim.requests.reset();
    const child = spawnProgram(['apply', plan], host, [...clockAhead(ahead), ...(one.nodeArgs ?? [])]);
    const end = ended(child);
    const stands = () => world.sim.truth.state().guests[guest]!.config['description'] === note;
    const isThere = () => stands() && (one.slow?.method !== 'GET' || lastIsReading());
    const lastIsReading = () => world.sim.requests.list.at(-1)?.path.endsWith('/pending') === true;
    if (one.took) {
      while (child.exitCode === null && !isThere()) await delay(10);
      process.kill(child.pid!, 'SIGKILL');
    }
    expect((await end).code).toBeNull();
    expect([child.signalCode, stands()]).toEqual(['SIGKILL', one.took]);
    const sent = writes().length;
    expect(sent).toBe(one.took ? 1 : 0);
    world.sim.faults.clear();
    // Less than a minute later.
    ahead += 40_000;
    world.sim.clock.advance(40_000);
    const next = new Client({ name: 'a-host', version: '1' });
    await next.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [...clockAhead(ahead), PROGRAM, 'serve'],
        env: host as Record<string, string>,
        stderr: 'ignore',
      }),
    );
    const call = async <Tool extends string>(name: Tool, args: object) =>
      (await callTool(next, name, args)).structuredContent;
    try {
      const other = await call('plan_changes', { resource: guest, set: [`tags+=after`] });
      expect(await call('apply_plan', { plan: other.plan })).toMatchObject({ outcome: 'done' });
      expect(await call('apply_plan', { plan })).toMatchObject({ refusals: [{ code: 'used' }] });
      expect(writes()).toHaveLength(sent + 1);
      const { history } = await call('show_history', { resource: guest, limit: 50 });
      const changes = history.filter(row => row.fields?.some(({ to }) => String(to).includes(note)));
      const causes = changes.map(row => row.causes);
      expect(causes).toEqual(one.took ? [[expect.objectContaining({ source: 'operation', plan })]] : []);
      const told = await next.readResource({ uri: `proxmox://plans/${plan}` });
      const { steps, outcome } = answerIn('apply_plan', (told.contents[0] as { text: string }).text);
      expect([outcome, steps[0]!.outcome]).toEqual(one.took ? ['done', 'verified'] : ['failed', 'failed']);
    } finally {
      await next.close();
    }
  });
});
