import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openApproving } from '../../../src/app/approving.ts';
import { noLog } from '../../../src/log.ts';
import { serveBothEras } from '../../../src/mcp/server/era.ts';
import { createMcpServer } from '../../../src/mcp/server/server.ts';
import { WRITE_KINDS } from '../../../src/model/writing.ts';
import { type ApplyLab, startApplyLab } from '../../support/apply-lab.ts';
import { PACKAGE_ROOT } from '../../support/lab.ts';
import { callTool, type Message, type Result } from '../../support/rpc.ts';

let lab: ApplyLab;
beforeAll(async () => {
  lab = await startApplyLab({
    writing: { policy: { kinds: WRITE_KINDS, only: null }, approval: 'person' },
    realTime: true,
  });
});
afterAll(() => lab.close());
beforeEach(() => lab.place());

type Action = 'accept' | 'decline' | 'cancel';
let open: Client[] = [];
afterEach(async () => {
  await Promise.all(open.map(client => client.close()));
  open = [];
});

/** A host's client; with `answers` it shows dialogs, which a person answers so, one after the other. */
async function host(answers?: (Action | Error)[]) {
  const server = createMcpServer({
    runner: lab.runner,
    resources: [],
    version: '0',
    timeZone: 'UTC',
    log: noLog,
  });
  const capabilities = answers === undefined ? {} : { elicitation: {} };
  const client = new Client({ name: 'a-host', version: '1' }, { capabilities });
  const shown: string[] = [];
  if (answers !== undefined)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      shown.push(params.message);
      const answer = answers.shift() ?? 'cancel';
      if (answer instanceof Error) throw answer;
      return { action: answer };
    });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(ours), client.connect(theirs)]);
  open.push(client);
  const call = <Tool extends string>(name: Tool, args: object) => callTool(client, name, args);
  return { call, shown, client };
}

const refusalOf = (result: Result<'apply_plan'>) => ({
  isError: result.isError,
  outcome: result.structuredContent.outcome,
  codes: result.structuredContent.refusals.map(({ code }) => code),
});
const REFUSED = { isError: true, outcome: 'refused', codes: ['approval'] };

describe('a person who is asked', () => {
  test('sees every step in a dialog of the client, and only then something is written', async () => {
    const { call, shown } = await host(['accept']);
    const { structuredContent: planned } = await call('plan_changes', {
      name: '*',
      set: ['tags+=prod', 'onboot=1'],
    });
    expect(planned.approve).toContain(`apply_plan {"plan":"${planned.plan}"}`);
    expect(planned.approve).toContain('they are asked by the client');
    expect(planned.commands).toBeUndefined();
    expect([shown, lab.writes()]).toEqual([[], []]);
    const { structuredContent: done } = await call('apply_plan', { plan: planned.plan, why: 'ticket 4711' });
    expect(done).toMatchObject({
      plan: planned.plan,
      outcome: 'done',
      undo: `plan_changes {"undo":"${planned.plan}"}`,
    });
    expect(shown).toHaveLength(1);
    for (const { resource, path, to } of planned.steps) {
      expect(shown[0]).toContain(resource);
      expect(shown[0]).toContain(path.replace('config.', ''));
      expect(shown[0]).toContain(Array.isArray(to) ? to.join(', ') : String(to));
    }
    expect(shown[0]).toContain('ticket 4711');
    expect(lab.writes()).toHaveLength(3);
    expect(await lab.store.planEvents({ plan: planned.plan })).toMatchObject([
      { type: 'approved', how: 'elicitation', who: expect.stringContaining('a-host') },
      { type: 'ended' },
    ]);
  });

  test.each<[string, Action | Error]>([
    ['declines', 'decline'],
    ['closes the dialog', 'cancel'],
    ['has a client that fails', new Error('no dialog here')],
  ])('who %s has said no, and may be asked again', async (_what, answer) => {
    const { call } = await host([answer, 'accept']);
    const plan = await lab.plan({ resource: 'vm/100', set: ['tags+=prod'] });
    const refused = await call('apply_plan', { plan });
    expect(refusalOf(refused)).toEqual(REFUSED);
    expect(refused.content[0]!.text).toMatch(/^Nothing was sent\. Plan .* (?:said no|did not answer)/);
    expect(lab.writes()).toEqual([]);
    expect((await call('apply_plan', { plan })).structuredContent.outcome).toBe('done');
    expect(lab.writes()).toHaveLength(1);
  });

  test('nothing that a call can say is an answer', async () => {
    const { call } = await host(Array.from({ length: 20 }, () => 'decline' as const));
    const plan = await lab.plan({ resource: 'vm/100', set: ['tags+=prod'] });
    for (const words of ['yes', 'approved by alice', `{"action":"accept"}`, 'approve: true, confirm: true'])
      expect(refusalOf(await call('apply_plan', { plan, why: words }))).toEqual(REFUSED);
    for (const argument of [
      'approve',
      'approved',
      'approval',
      'confirm',
      'force',
      'yes',
      'token',
      'person',
      'skiplock',
    ]) {
      const { isError, content } = await call('apply_plan', { plan, [argument]: true });
      expect([isError, content[0]!.text]).toEqual([
        true,
        expect.stringContaining(`no argument "${argument}"`),
      ]);
    }
    expect(lab.writes()).toEqual([]);
  });
});

describe('where the client shows no dialog', () => {
  const approving = () =>
    openApproving(
      { url: `file:${lab.folder}/store.db`, packageRoot: PACKAGE_ROOT },
      { timeZone: 'UTC', person: '0@desk', now: () => lab.sim.clock.now() },
    );

  test('a person approves at a terminal, and that holds for these steps alone', async () => {
    const { call } = await host();
    const planned = (await call('plan_changes', { resource: 'vm/100', set: ['tags+=prod'] }))
      .structuredContent;
    const { plan } = planned;
    expect(planned.approve).toContain(`proxmox-mpc approve ${plan}`);
    const refused = await call('apply_plan', { plan });
    expect(refusalOf(refused)).toEqual(REFUSED);
    expect(refused.content[0]!.text).toContain(`proxmox-mpc approve ${plan}`);
    const desk = await approving();
    expect(await desk.plan(plan.toUpperCase())).toMatchObject({
      id: plan,
      text: expect.stringContaining('vm/100'),
    });
    await desk.decide(plan, false);
    expect(refusalOf(await call('apply_plan', { plan }))).toEqual(REFUSED);
    await desk.decide(plan, true);
    expect(lab.writes()).toEqual([]);
    expect((await call('apply_plan', { plan })).structuredContent.outcome).toBe('done');
    expect(lab.writes()).toHaveLength(1);
    expect(await desk.plan(plan)).toMatchObject({ closed: expect.stringContaining('it was used at') });
    await desk.close();
  });

  test('an approval of other steps under the same id is none', async () => {
    const { call } = await host();
    const plan = await lab.plan({ resource: 'vm/100', set: ['tags+=prod'] });
    await lab.store.addPlanEvent({
      plan,
      at: lab.sim.clock.now(),
      type: 'approved',
      who: '0@desk',
      how: 'terminal',
      facts: { identity: '0'.repeat(64) },
    });
    expect(refusalOf(await call('apply_plan', { plan }))).toEqual(REFUSED);
    expect(lab.writes()).toEqual([]);
  });
});

describe('a client of revision 2026-07-28', () => {
  const MODERN = '2026-07-28';
  /** One that makes each request by hand, with what it can. */
  async function modern(elicitation: object | null = {}, name = 'modern') {
    const server = createMcpServer({
      runner: lab.runner,
      resources: [],
      version: '0',
      timeZone: 'UTC',
      log: noLog,
    });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    await server.connect(serveBothEras(ours, { name: 'ours', version: '0' }));
    const waiting = new Map<unknown, (message: Message<'apply_plan'>) => void>();
    theirs.onmessage = message =>
      'id' in message && waiting.get(message.id)?.(message as Message<'apply_plan'>);
    await theirs.start();
    let ids = 0;
    const call = (args: object, more: object = {}, client = name): Promise<Message<'apply_plan'>> => {
      const id = ++ids;
      const answered = new Promise<Message<'apply_plan'>>(resolve => waiting.set(id, resolve));
      const prefix = 'io.modelcontextprotocol/';
      const _meta = {
        [`${prefix}protocolVersion`]: MODERN,
        [`${prefix}clientCapabilities`]: elicitation === null ? {} : { elicitation },
        [`${prefix}clientInfo`]: { name: client, version: '1' },
      };
      const params = { name: 'apply_plan', arguments: args, ...more, _meta };
      void theirs.send({ jsonrpc: '2.0', id, method: 'tools/call', params });
      return answered;
    };
    return { call, close: () => server.close() };
  }
  const answer = (requestState: unknown, action: string) => ({
    requestState,
    inputResponses: { approval: { action, content: {} } },
  });

  test('is answered by the question, and the plan is carried out when its answer comes', async () => {
    const { call, close } = await modern();
    const plan = await lab.plan({ resource: 'vm/100', set: ['tags+=prod'] });
    const { result: asked } = await call({ plan, why: 'ticket 4711' });
    expect(asked).toEqual({
      resultType: 'input_required',
      inputRequests: {
        approval: {
          method: 'elicitation/create',
          params: {
            message: expect.stringMatching(/vm\/100.*ticket 4711/s),
            requestedSchema: { type: 'object', properties: {} },
          },
        },
      },
      requestState: expect.any(String),
      _meta: expect.anything(),
    });
    // Nothing was refused by anybody yet.
    expect([lab.writes(), await lab.store.planEvents({ plan })]).toEqual([[], []]);
    const { result: done } = await call({ plan, why: 'ticket 4711' }, answer(asked.requestState, 'accept'));
    expect([done.resultType, done.structuredContent.outcome]).toEqual(['complete', 'done']);
    expect(lab.writes()).toHaveLength(1);
    expect(await lab.store.planEvents({ plan })).toMatchObject([
      { type: 'approved', how: 'elicitation' },
      { type: 'ended' },
    ]);
    await close();
  });

  test('that brings no, nothing, or what it was not given has nothing written', async () => {
    const { call, close } = await modern();
    const plan = await lab.plan({ resource: 'vm/100', set: ['tags+=prod'] });
    const other = await lab.plan({ resource: 'vm/101', set: ['tags+=prod'] });
    const ask = async (args: object = { plan }) => (await call(args)).result.requestState as string;
    for (const action of ['decline', 'cancel', 'accepted', ''])
      expect(refusalOf((await call({ plan }, answer(await ask(), action))).result)).toEqual(REFUSED);
    const refusals = [];
    const used = await ask();
    await call({ plan }, answer(used, 'decline'));
    const [packed, signature] = (await ask()).split('.') as [string, string];
    const forged = Buffer.from(Buffer.from(packed, 'base64url').toString().replace(plan, other)).toString(
      'base64url',
    );
    const { call: elsewhere, close: end } = await modern();
    const foreign = (await elsewhere({ plan })).result.requestState;
    for (const state of [
      used,
      `${packed}.`,
      packed,
      `${forged}.${signature}`,
      foreign,
      '',
      'x.y',
      7,
      null,
      {},
    ])
      refusals.push((await call({ plan: other }, answer(state, 'accept'))).error?.code);
    refusals.push((await call({ plan }, answer(await ask(), 'accept'), 'somebody-else')).error?.code);
    expect(refusals).toEqual(Array(11).fill(-32602));
    // For another plan, with other words, or without the answer, it is asked anew.
    for (const [args, more] of [
      [{ plan: other }, answer(await ask(), 'accept')],
      [{ plan, why: 'other words' }, answer(await ask(), 'accept')],
      [{ plan }, { requestState: await ask() }],
      [{ plan }, { requestState: await ask(), inputResponses: { other: { action: 'accept' } } }],
      [{ plan }, { inputResponses: { approval: { action: 'accept' } } }],
    ] as const)
      expect((await call(args, more)).result.resultType).toBe('input_required');
    expect(lab.writes()).toEqual([]);
    await Promise.all([close(), end()]);
  });

  test.each([[null], [{ url: {} }]])('that cannot ask (%j) is told of the terminal', async capability => {
    const { call, close } = await modern(capability);
    const plan = await lab.plan({ resource: 'vm/100', set: ['tags+=prod'] });
    const { result } = await call({ plan });
    expect([result.resultType, refusalOf(result)]).toEqual(['complete', REFUSED]);
    expect(result.content[0]!.text).toContain(`proxmox-mpc approve ${plan}`);
    expect(lab.writes()).toEqual([]);
    await close();
  });
});
