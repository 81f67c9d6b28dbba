import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApplyLab, startApplyLab } from '../../support/apply-lab.ts';

let lab: ApplyLab;
beforeAll(async () => {
  lab = await startApplyLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.place());

test('a plan for a stopped VM, a running one and a container is carried out', async () => {
  const plan = await lab.plan({ name: '*', set: ['tags+=prod', 'memory=640'] });
  const result = await lab.apply(plan);
  expect(result).toMatchObject({ outcome: 'done', undo: plan });
  expect(result.steps.map(({ resource, path, outcome }) => `${resource} ${path} ${outcome}`).sort()).toEqual([
    'container/201 config.memory verified',
    'container/201 tags verified',
    'vm/100 config.memory verified',
    'vm/100 tags verified',
    'vm/101 config.memory pending',
    'vm/101 tags verified',
  ]);
  const { guests } = lab.sim.truth.state();
  expect(guests['vm/100']).toMatchObject({ tags: ['a', 'b', 'prod'], config: { memory: '640' } });
  expect(guests['vm/101']).toMatchObject({ tags: ['prod'], pending: { memory: '640' } });
  expect(lab.writes()).toHaveLength(3);
  expect(await lab.store.operations({ plan })).toMatchObject([
    { id: `${plan}.1`, resource: 'vm/100', state: 'verified', asker: 'tester of 1000@desk', why: 'a test' },
    { resource: 'vm/101', state: 'pending' },
    { resource: 'container/201', state: 'verified' },
  ]);
  expect(await lab.store.planEvents({ plan })).toMatchObject([
    { type: 'approved', who: 'alice', how: 'terminal' },
    { type: 'ended', facts: { outcome: 'done' } },
  ]);
  expect(await lab.apply(plan)).toMatchObject({ outcome: 'refused', refusals: [{ code: 'used' }] });
  expect(lab.writes()).toHaveLength(3);
});

test('history names the operation for what it changed, a container too, and nobody for what another did', async () => {
  const plan = await lab.plan({ name: '*', set: ['tags+=prod', 'memory=640'] });
  await lab.apply(plan);
  const { history } = await lab.call('show_history', { since: '1h', limit: 3 });
  const ours = {
    source: 'operation',
    plan,
    user: 'mcp@pve!write',
    asker: 'tester of 1000@desk',
    why: 'a test',
  };
  for (const { resource, causes } of history) {
    expect(causes, resource).toMatchObject([ours]);
    expect(causes[0]).not.toHaveProperty('fields');
  }
});
