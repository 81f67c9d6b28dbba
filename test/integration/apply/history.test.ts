import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { planResource } from '../../../resources/plan.ts';
import { type ApplyLab, startApplyLab } from '../../support/apply-lab.ts';

let lab: ApplyLab;
beforeAll(async () => {
  lab = await startApplyLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.place());

interface Told {
  change?: string;
  operation?: string;
  plan?: string;
  user?: string;
  [name: string]: unknown;
}

/** What history tells of a plan, oldest first. */
async function toldOf(plan: string, args: object = {}): Promise<Told[]> {
  const { history } = await lab.call('show_history', { since: '10m', limit: 200, ...args });
  return history.filter((row: Told) => row.plan === plan).reverse();
}

test('history tells of a plan, its refusal, its approval, each write and its end', async () => {
  const plan = await lab.plan({ resource: 'vm/101', set: ['net0.bridge=vmbr9'] });
  lab.sim.clock.advance(1_000);
  await lab.apply(plan, {
    approval: async () => ({ code: 'approval', what: 'Nobody answered within 60 s.' }),
  });
  lab.sim.clock.advance(1_000);
  await lab.apply(plan);
  expect(await toldOf(plan)).toMatchObject([
    { change: 'planned', guests: ['vm/101'], steps: 1, outcome: 'failed' },
    { change: 'refused', user: 'tester of 1000@desk', why: 'Nobody answered within 60 s.' },
    { change: 'approved', user: 'alice', how: 'terminal' },
    {
      operation: `${plan}.1`,
      resource: 'vm/101',
      type: 'config',
      status: 'reverted',
      user: 'mcp@pve!write',
      asker: 'tester of 1000@desk',
      why: 'a test',
      paths: ['config.net0.bridge'],
    },
    { operation: `${plan}.2`, type: 'revert', takes_back: `${plan}.1`, status: 'verified' },
    { change: 'ended', outcome: 'failed' },
  ]);
  expect(await toldOf(plan, { resource: 'vm/101' })).toHaveLength(6);
  expect(await toldOf(plan, { resource: 'vm/100' })).toEqual([]);
  expect((await toldOf(plan, { user: 'alice' })).map(({ change }) => change)).toEqual(['approved']);
  expect(await toldOf(plan, { type: 'vm' })).toHaveLength(2);
  const pages = await lab.call('show_history', { since: '10m', limit: 2 });
  expect(pages.next_cursor).toBeDefined();
});

test('the resource of a plan tells what became of each step, and what happened to it', async () => {
  const read = async (plan: string) =>
    (await planResource.read({ plan }, await lab.runner.context([]))) as { steps: Told[]; events: Told[] };
  const plan = await lab.plan({ name: '*', set: ['tags+=prod'] });
  expect((await read(plan)).steps[0]).not.toHaveProperty('outcome');
  lab.hooks.before = n => (n === 2 ? lab.sim.world.editConfig(101, { tags: 'theirs' }) : undefined);
  await lab.apply(plan);
  const told = await read(plan);
  expect(told).toMatchObject({ outcome: 'partial', used_at: expect.any(String) });
  expect(told.steps.map(({ resource, outcome }) => `${resource} ${outcome}`)).toEqual([
    'vm/100 verified',
    'vm/101 failed',
    'container/201 verified',
  ]);
  expect(told.steps[1]).toMatchObject({ error: expect.stringContaining('checksum mismatch'), now: 'theirs' });
  expect(told.events.map(({ change }) => change)).toEqual(['approved', 'ended']);
});
