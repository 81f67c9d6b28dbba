import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cause } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';

describe('plans', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ guests: 24, configMaxAgeMs: 0 });
    await lab.call('discover', { deep: true });
  });
  afterAll(() => lab.close());
  const plan = (args: object) => lab.call('plan_changes', args);

  it('lead back to how a guest was, with effects and the lines to run', async () => {
    lab.sim.clock.advance(600_000);
    const vmid = lab.sim.world.find({ type: 'qemu', status: 'running', template: false })[0]!;
    const before = await lab.call('get_resource', { resource: `vm/${vmid}`, include: ['config'] });
    const { tag } = before.resource.config['net0'] as { tag: number };
    lab.sim.world.editProperty(vmid, 'net0', 'tag', '777', { user: 'bob@pve' });
    const found = await plan({ resource: `vm/${vmid}`, to: '5m', fields: ['net0.tag'] });
    expect(found.steps).toMatchObject([
      {
        resource: `vm/${vmid}`,
        path: 'config.net0.tag',
        from: 777,
        to: tag,
        effect: 'now, link drops briefly',
      },
    ]);
    expect(found.plan).toMatch(/^p-[2-9a-z]{5}$/);
    expect(Date.parse(found.expires_at) - lab.sim.clock.now()).toBe(900_000);
    expect(found.commands[0]).toMatch(new RegExp(`^qm set ${vmid} --net0 \\S*tag=${tag}\\b`));
    const kept = (await lab.store.plan(found.plan))!;
    expect(kept.steps).toHaveLength(1);
    expect(kept.identity).toMatch(/^[0-9a-f]{64}$/);
  });

  it('name who made what they change, and what they leave, each by their own act', async () => {
    lab.sim.clock.advance(600_000);
    await lab.call('discover', { deep: true });
    const [vmid] = lab.sim.world.find({ type: 'qemu', status: 'running', template: false });
    const [container] = lab.sim.world.find({ type: 'lxc', status: 'running', template: false });
    const [bob, carol] = [{ user: 'bob@pve' }, { user: 'carol@pve' }];
    lab.sim.clock.advance(600_000);
    lab.sim.world.editProperty(vmid!, 'net0', 'tag', '778', bob);
    lab.sim.world.editConfig(vmid!, { memory: 3072 }, bob);
    lab.sim.world.editConfig(container!, { memory: 3072 }, bob);
    lab.sim.clock.advance(600_000);
    await lab.call('discover', { deep: true });
    lab.sim.world.resize(vmid!, 'scsi0', '200G', carol);
    lab.sim.clock.advance(60_000);
    const { plan: id, ...found } = await plan({
      resource: `vm/${vmid}`,
      to: '15m',
      fields: ['net0.tag', 'memory', 'scsi0.size'],
    });
    const users = ({ path, causes }: { path: string; causes: Cause[] }) =>
      `${path} ${causes.map(cause => cause.user).join()}`;
    expect(found.steps.map(users).sort()).toEqual(['config.memory bob@pve', 'config.net0.tag bob@pve']);
    expect(found.left_out.map(users)).toEqual(['config.scsi0.size carol@pve']);
    expect(found.left_out[0]!.why).toContain('none can shrink');
    expect(Date.parse(found.steps[0]!.at)).toBeLessThan(Date.parse(found.left_out[0]!.at));
    // The same in what is kept, and in what a person reads before they approve.
    expect((await lab.store.plan(id))!.steps[0]!.authors?.causes).toEqual([
      { user: 'bob@pve', type: expect.any(String) },
    ]);
    const set = await plan({ resource: `vm/${vmid}`, set: ['memory=4096', 'onboot=1'] });
    expect(set.steps.find(one => one.path === 'config.memory')!.causes[0]!.user).toBe('bob@pve');
    // Nobody touched it since it is known, and of containers nobody is recorded.
    expect(set.steps.find(one => one.path === 'config.onboot')?.causes).toBeUndefined();
    const step = (await plan({ resource: `container/${container}`, set: ['memory=1024'] })).steps[0]!;
    expect(step.causes).toEqual([]);
    expect(step.why_unknown).toContain('neither task nor log line');
  });

  it('leave out what is never done, and say why', async () => {
    const [vmid] = lab.sim.world.find({ type: 'qemu', status: 'running', template: false });
    const [template] = lab.sim.world.find({ template: true });
    const { left_out: left, steps } = await plan({
      resource: `vm/${vmid}`,
      set: [
        'protection=0',
        'scsi0.size=1G',
        'pool=dev',
        'startup=order=2',
        'tags+=mpc-locked',
        'net7.tag=5',
        'onboot=1',
      ],
    });
    expect(left.map((one: { path: string }) => one.path).sort()).toEqual(
      expect.arrayContaining(['config.net7.tag', 'config.scsi0.size', 'config.startup.order', 'tags']),
    );
    expect(left.every((one: { why: string }) => one.why.length > 10)).toBe(true);
    expect(steps.map((one: { path: string }) => one.path)).not.toContain('tags');
    if (template !== undefined) {
      const ofTemplate = await plan({ resource: `vm/${template}`, set: ['onboot=1'] });
      expect(ofTemplate.steps).toEqual([]);
      expect(ofTemplate.left_out[0]!.why).toContain('template');
    }
  });

  it.each([
    [{ set: ['onboot=1'] }, /which guests/],
    [{ to: 'yesterday' }, /which guests/],
    [{ resource: 'vm/101', set: ['onboot=1'], to: 'now' }, /exclude/],
    [{ undo: 'p-22222' }, /no plan/],
    [{ resource: 'vm/101', set: ['snapshot+=current'] }, /no name of a snapshot/],
    [{ resource: 'vm/101', to: 'someday' }, /not a moment/],
    [{ resource: 'nothing-like-it', set: ['onboot=1'] }, /Nothing here is called/],
  ])('%j is refused', async (args, why) => {
    await expect(plan(args)).rejects.toThrow(why);
  });

  it('are not taken back where they were never carried out', async () => {
    const made = await plan({ type: 'vm', set: ['onboot=1', 'description=new'] });
    await expect(plan({ undo: made.plan })).rejects.toThrow(/never carried out/);
  });

  it('leave out the guests of a node that is down, and tell since when', async () => {
    lab.sim.world.nodeDown('pve3');
    lab.sim.clock.advance(600_000);
    const found = await plan({ type: 'vm', set: ['onboot=1', 'description=other'] });
    expect(found.left_out.some((one: { why: string }) => one.why.includes('cannot be seen now'))).toBe(true);
    expect(found.hint).toMatch(/fit: \d+ as wanted already, \d+ to change, \d+ left out/);
  });
});

describe('plans to a moment at which the configuration was not known', () => {
  it('delete none of its keys', async () => {
    const lab = await startLab({ guests: 12, configMaxAgeMs: 0 });
    const [vmid] = lab.sim.world.find({ type: 'qemu', status: 'running', template: false });
    const restore = lab.sim.faults.add({
      match: new RegExp(`/qemu/${vmid}/(?:pending|config)$`),
      kind: 'status',
    });
    await lab.call('discover', { deep: true });
    restore();
    lab.sim.clock.advance(600_000);
    await lab.call('discover', { deep: true });
    const { steps, left_out: left } = await lab.call('plan_changes', { resource: `vm/${vmid}`, to: '5m' });
    expect(steps).toEqual([]);
    expect(left).toMatchObject([{ path: '*', why: 'its configuration was not known then' }]);
    await lab.close();
  });
});
