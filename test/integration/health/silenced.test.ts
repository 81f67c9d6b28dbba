import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHealthyLab } from '../../support/healthy.ts';
import type { Lab } from '../../support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startHealthyLab();
  const { world } = lab.sim;
  world.setLock(102, 'snapshot');
  world.setTags(105, ['lab']);
  for (const vmid of [105, 106])
    world.editConfig(vmid, { ide0: `local-zfs:vm-${vmid}-disk-3,size=8G`, onboot: 1 });
  lab.sim.clock.advance(60_000);
  await lab.call('discover', { deep: true });
});
afterAll(() => lab.close());

const health = (args: object = {}) => lab.call('check_health', args);
const names = (rows: { check: string; resource: string }[] = []) =>
  rows.map(one => `${one.check} ${one.resource}`);
const day = (days: number) => new Date(lab.sim.clock.now() + days * 86_400_000).toISOString().slice(0, 10);

test('a finding that somebody accepted is left out, counted, and back when its day is over', async () => {
  expect(names((await health({ check: 'ide-disk' })).findings)).toEqual([
    'ide-disk vm/105',
    'ide-disk vm/106',
  ]);
  const until = day(2);
  const declared = await lab.call('declare_state', {
    tag: 'lab',
    accept: ['check=ide-disk', 'check=disk-unused'],
    until,
    owner: 'bob',
    why: 'an old installer',
  });
  expect(declared.exceptions.map(one => `${one.field} ${one.value} ${one.owner}`)).toEqual([
    'check disk-unused bob',
    'check ide-disk bob',
  ]);
  const { findings, silenced, silenced_total, counts, hint } = await health({ check: 'ide-disk' });
  expect(names(findings)).toEqual(['ide-disk vm/106']);
  expect(counts.info).toBe(1);
  expect(silenced).toEqual([
    {
      check: 'ide-disk',
      resource: 'vm/105',
      owner: 'bob',
      until: expect.stringContaining(until),
      why: 'an old installer',
    },
  ]);
  expect(silenced_total).toBe(1);
  expect(hint).toContain('One more is left out');
  expect((await health({ resource: 'vm/106' })).silenced).toBeUndefined();
  lab.sim.clock.advance(3 * 86_400_000);
  const later = await health({ check: 'ide-disk' });
  expect(names(later.findings)).toEqual(['ide-disk vm/105', 'ide-disk vm/106']);
  expect(later.findings[0]!.lapsed).toMatch(/^accepted by bob until /);
  expect(later.silenced).toBeUndefined();
  await lab.call('declare_state', { tag: 'lab', remove: ['check'] });
  expect((await health({ check: 'ide-disk' })).findings[0]!.lapsed).toBeUndefined();
});

test('findings about nodes and the cluster can be accepted, and the glance leaves them out, too', async () => {
  lab.sim.world.nodeDown('pve3');
  lab.sim.clock.advance(600_000);
  const seen = await lab.call('get_cluster_status');
  expect(seen.attention.map(one => one.what)).toContain('node/pve3');
  await lab.call('declare_state', {
    resource: 'node/pve3',
    accept: ['check=node-offline'],
    until: day(1),
    owner: 'alice',
  });
  const accepted = names((await health()).silenced);
  expect(accepted).toEqual(['node-offline node/pve3']);
  const { attention } = await lab.call('get_cluster_status');
  expect(attention.map(one => one.what)).not.toContain('node/pve3');
  expect(attention.find(one => one.what === 'accepted')!.why).toContain('node-offline of node/pve3');
  await lab.call('declare_state', { resource: 'node/pve3', remove: ['true'] });
  lab.sim.world.nodeUp('pve3');
  lab.sim.clock.advance(120_000);
});

test('what is not as declared is a finding, what of that is accepted is not, and what is not there is one', async () => {
  await lab.call('declare_state', { resource: 'vm/106', set: ['onboot=0'] });
  await lab.call('declare_state', { resource: 'vm/999', set: ['onboot=1'] });
  const { findings } = await health({ check: 'drift' });
  expect(findings.map(one => `${one.resource}: ${one.what}`)).toEqual([
    'vm/106: not as declared: config.onboot',
    'vm/999: declared, and not there',
  ]);
  expect(findings[0]!.evidence.fields).toEqual(['config.onboot: 0 declared, 1 found']);
  expect(names((await health()).findings)).toEqual(expect.arrayContaining(names(findings)));
  await lab.call('declare_state', {
    resource: 'vm/106',
    accept: ['onboot=1'],
    until: day(3),
    owner: 'carol',
  });
  const left = await health({ check: 'drift' });
  expect(names(left.findings)).toEqual(['drift vm/999']);
  expect(left.silenced).toEqual([
    expect.objectContaining({ check: 'drift', resource: 'vm/106', path: 'config.onboot', owner: 'carol' }),
  ]);
});

test.each([
  [
    { tag: 'lab', accept: ['check=ide-disc'], until: '2099-01-01' },
    /No check is called.*Did you mean "ide-disk"/s,
  ],
  [{ tag: 'lab', accept: ['check=ide-disk'] }, /needs until/],
  [{ tag: 'lab', accept: ['check=ide-disk'], until: '2020-01-01' }, /in the past/],
  [{ accept: ['check=ide-disk'], until: '2099-01-01' }, /which resources/],
  [{ resource: 'node/pve1', accept: ['onboot=1'], until: '2099-01-01' }, /Nothing can be declared of node/],
  [
    { resource: 'node/pve1', set: ['onboot=1'], accept: ['check=clock-off'] },
    /Nothing can be declared of node/,
  ],
])('%j is refused', async (args, why) => {
  await expect(lab.call('declare_state', args)).rejects.toThrow(why);
});
