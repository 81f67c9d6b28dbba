import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApplyLab, startApplyLab } from '../../support/apply-lab.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { propertyRuns } from '../../support/soak.ts';

/** Every field that a plan changes and another takes back, with values to choose from; `null` takes the key away. */
const SETTINGS: { readonly [guest: string]: readonly string[] } = {
  'vm/100': [
    ...['memory=1024', 'balloon=256', 'shares=500', 'cores=3', 'sockets=2', 'vcpus=1', 'cpu=host', 'numa=1'],
    ...[
      'cpulimit=2',
      'cpuunits=200',
      'onboot=1',
      'agent=1',
      'name=other',
      'description=second',
      'description=',
    ],
    ...['tags+=prod', 'tags-=a', 'net0.tag=30', 'net0.bridge=vmbr1', 'net0.link_down=1', 'net0.rate=10'],
    ...[
      'net0.model=e1000',
      'cpu=',
      'tags=',
      'agent=enabled=1,fstrim_cloned_disks=1',
      'node=pve2',
      'status=running',
    ],
  ],
  'vm/101': [
    ...['memory=1024', 'cores=2', 'cpulimit=1', 'cpuunits=300', 'onboot=1', 'description=x', 'tags+=prod'],
    ...['net0.link_down=1', 'net0.tag=30', 'name=renamed', 'status=stopped'],
  ],
  'container/201': [
    ...['memory=640', 'swap=128', 'cores=2', 'cpulimit=1', 'cpuunits=50', 'onboot=1', 'startup.order=3'],
    ...['description=note', 'tags+=prod', 'name=ct-other', 'net0.tag=12'],
  ],
};
const key = (setting: string) => setting.split(/[+-]?=/)[0]!;

const settings = fc.constantFrom(...Object.keys(SETTINGS)).chain(resource =>
  fc.record({
    resource: fc.constant(resource),
    set: fc.uniqueArray(fc.constantFrom(...SETTINGS[resource]!), {
      minLength: 1,
      maxLength: 5,
      selector: key,
    }),
  }),
);

onBothEngines('undo', engine => {
  let lab: ApplyLab;
  beforeAll(async () => {
    lab = await startApplyLab({ databaseUrl: await engine.newStore() });
  });
  afterAll(() => lab.close());
  beforeEach(() => lab.place());

  const state = (resource: string) => {
    const { config, pending, tags, name, status } = lab.sim.truth.state().guests[resource]!;
    return { config, pending, tags, name, status };
  };

  test('of any plan that was carried out gives the former state', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ resource, set }) => {
        await lab.place();
        const before = state(resource);
        const plan = await lab.plan({ resource, set });
        const done = await lab.apply(plan);
        expect(done.outcome, JSON.stringify(done.steps)).toBe('done');
        expect(state(resource)).not.toEqual(before);
        const back = await lab.apply(await lab.plan({ undo: plan }));
        expect(back.outcome, JSON.stringify(back.steps)).toBe('done');
        expect(state(resource)).toEqual(before);
      }),
      { numRuns: propertyRuns(engine.name === 'sqlite' ? 3 : 1) },
    );
  });

  test('leaves what somebody else changed since, and names them', async () => {
    const plan = await lab.plan({ resource: 'vm/100', set: ['memory=1024', 'tags+=prod', 'cores=2'] });
    await lab.apply(plan);
    lab.sim.clock.advance(60_000);
    lab.sim.world.editConfig(100, { memory: '2048', tags: 'a;b;mine;prod' }, { user: 'bob@pve' });
    lab.sim.clock.advance(60_000);
    const { steps, left_out: left } = await lab.call('plan_changes', { undo: plan });
    expect(steps).toMatchObject([
      { path: 'config.cores', from: 2, to: 1 },
      { path: 'tags', from: ['a', 'b', 'mine', 'prod'], to: ['a', 'b', 'mine'] },
    ]);
    expect(left).toMatchObject([{ path: 'config.memory', why: expect.stringMatching(/changed it since/) }]);
    expect(JSON.stringify(left)).toContain('bob@pve');
  });

  test('of a guest that cannot be seen now is left out for that, not for a change that nobody made', async () => {
    const plan = await lab.plan({ resource: 'vm/101', set: ['memory=1024'] });
    await lab.apply(plan);
    const node = lab.sim.truth.state().guests['vm/101']!.node;
    lab.sim.world.nodeDown(node);
    lab.sim.clock.advance(600_000);
    const { left_out: left } = await lab.call('plan_changes', { undo: plan });
    lab.sim.world.nodeUp(node);
    lab.sim.clock.advance(600_000);
    await lab.call('discover');
    expect(left).toMatchObject([
      { path: 'config.memory', why: expect.stringContaining('cannot be seen now') },
    ]);
  });

  test('takes back neither what failed, nor protection, nor a snapshot, and says so before', async () => {
    const made = await lab.call('plan_changes', {
      resource: 'vm/100',
      set: ['protection=1', 'net0.firewall=1', 'snapshot+=before'],
    });
    expect(made.hint).toMatch(
      /no plan takes back a snapshot of vm\/100 .*(?:protection|firewall) of vm\/100 .*(?:protection|firewall) of vm\/100/,
    );
    await lab.apply(made.plan);
    const { left_out: left, plan } = await lab.call('plan_changes', { undo: made.plan });
    expect(plan).toBeUndefined();
    expect(left.map(({ path, why }: { path: string; why: string }) => `${path}: ${why}`).sort()).toEqual([
      expect.stringMatching(/config.net0.firewall: .*never switched off/),
      expect.stringMatching(/config.protection: .*never switched off/),
      expect.stringMatching(/snapshots: .*never deleted/),
    ]);
    const failing = await lab.plan({ resource: 'vm/101', set: ['net0.bridge=vmbr9'] });
    expect((await lab.apply(failing)).outcome).toBe('failed');
    const undone = await lab.call('plan_changes', { undo: failing });
    expect(undone.left_out).toMatchObject([{ why: expect.stringContaining('did not change it') }]);
  });

  test('a note with a secret in it is left to a person, and nobody is said to have changed it', async () => {
    lab.sim.world.editConfig(100, { description: 'root password: hunter2xy9Z' });
    const { plan, left_out: left } = await lab.call('plan_changes', {
      resource: 'vm/100',
      set: ['description=second'],
    });
    expect(plan).toBeUndefined();
    expect(left).toMatchObject([{ path: 'config.description', why: expect.stringContaining('a secret') }]);
  });
});
