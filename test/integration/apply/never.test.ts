import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { planIdentity } from '../../../src/desired/plan.ts';
import type { PlanEntity, PlanStep } from '../../../src/model/plan.ts';
import { WRITE_KINDS } from '../../../src/model/writing.ts';
import { type ApplyLab, guestLike, startApplyLab } from '../../support/apply-lab.ts';

/** The most that can be configured: every kind, every guest with a tag, and nobody is asked. */
let lab: ApplyLab;
beforeAll(async () => {
  lab = await startApplyLab({
    writing: { policy: { kinds: WRITE_KINDS, only: { tag: 'lab' } }, approval: 'host' },
  });
});
afterAll(() => lab.close());

const like = (resource: string, vmid: number, more: object) =>
  guestLike(resource, vmid, more) as { [key: string]: string | number };

/** The guests as they are to begin with, which the store has seen. */
async function begin(): Promise<void> {
  await lab.place();
  const { world } = lab.sim;
  for (const vmid of [100, 101, 201]) world.setTags(vmid, ['a', 'lab']);
  world.editConfig(100, { protection: 1, net0: 'virtio=BC:24:11:F0:2D:C2,bridge=vmbr0,firewall=1' });
  world.placeGuest({
    vmid: 301,
    type: 'qemu',
    config: like('vm/100', 301, { name: 'locked', tags: 'lab;mpc-locked' }),
  });
  world.placeGuest({
    vmid: 302,
    type: 'qemu',
    config: like('vm/100', 302, { name: 'tmpl', tags: 'lab', template: 1 }),
  });
  world.placeGuest({
    vmid: 303,
    type: 'qemu',
    config: like('vm/100', 303, { name: 'outside', tags: 'a' }),
  });
  lab.sim.clock.advance(40_000);
  await lab.discover({ deep: true });
  lab.sim.requests.reset();
}

type Attempt = [what: string, resource: string, ...settings: string[]];

const ATTEMPTS: Attempt[] = [
  ['create a guest', 'vm/999', 'memory=512'],
  ['destroy a guest', 'vm/100', 'status=destroyed'],
  ['destroy a guest by its name', 'vm/100', 'name='],
  ['stop it hard', 'vm/101', 'status=stop'],
  ['make a volume', 'vm/100', 'scsi1=local:8'],
  ['detach a disk', 'vm/100', 'scsi0='],
  ['resize a disk', 'vm/100', 'scsi0.size=8G'],
  ['move a disk', 'vm/100', 'scsi0.volume=nas:100/vm-100-disk-0.qcow2'],
  ['format a disk', 'vm/100', 'scsi0.format=raw'],
  ['destroy an unused disk', 'vm/100', 'unused0='],
  ['attach the disk of another guest', 'vm/100', 'unused0=local:101/vm-101-disk-0.qcow2'],
  ['resize a container’s root', 'container/201', 'rootfs.size=8G'],
  ['detach a mount point', 'container/201', 'mp0='],
  ['delete a snapshot', 'vm/100', 'snapshot-=s1'],
  ['delete all snapshots', 'vm/100', 'snapshots='],
  ['roll back', 'vm/100', 'rollback=s1'],
  ['switch protection off', 'vm/100', 'protection=0'],
  ['leave protection to its default', 'vm/100', 'protection='],
  ['switch the firewall of a card off', 'vm/100', 'net0.firewall=0'],
  ['leave the firewall of a card to its default', 'vm/100', 'net0.firewall='],
  ['add a card', 'vm/100', 'net1.bridge=vmbr0'],
  ['remove a card', 'vm/100', 'net0='],
  ['force', 'vm/100', 'force=1'],
  ['skip a lock', 'vm/100', 'skiplock=1'],
  ['set a lock', 'vm/100', 'lock=backup'],
  ['make a template', 'vm/100', 'template=1'],
  ['write to a template', 'vm/302', 'description=x'],
  ['start a template', 'vm/302', 'status=running'],
  ['unmake a template', 'vm/302', 'template=0'],
  ['write to a locked guest', 'vm/301', 'description=x'],
  ['start a locked guest', 'vm/301', 'status=running'],
  ['unlock a locked guest', 'vm/301', 'tags-=mpc-locked'],
  ['lock a guest', 'vm/100', 'tags+=mpc-locked'],
  ['write to a guest out of scope', 'vm/303', 'description=x'],
  ['take a guest into scope', 'vm/303', 'tags+=lab'],
  ['take a guest into scope, beside another tag', 'vm/303', 'tags=b,lab'],
  ['put a guest out of scope', 'vm/100', 'tags-=lab'],
  ['put a guest out of scope by removing all tags', 'vm/100', 'tags='],
  ['change the pool', 'vm/100', 'pool=dev'],
  ['change high availability', 'vm/100', 'ha=started'],
  ['change a VM’s start order', 'vm/100', 'startup=order=1'],
  ['change the boot order', 'vm/100', 'boot=order=net0'],
  ['pass arguments to QEMU', 'vm/100', 'args=-device x'],
  ['run a script of the host', 'vm/100', 'hookscript=local:snippets/x.sh'],
  ['hand a device of the host over', 'vm/100', 'hostpci0=0000:00:1f.0'],
  ['set a password', 'vm/100', 'cipassword=secret'],
  ['make a container privileged', 'container/201', 'unprivileged=0'],
  ['change features of a container', 'container/201', 'features.nesting=0'],
  ['switch a storage off', 'storage/local', 'enabled=0'],
  ['change what a storage holds', 'storage/local', 'content=iso'],
  ['change rights', 'vm/100', 'acl=bob@pve:Administrator'],
  ['switch firewall rules off', 'vm/100', 'firewall=0'],
];

/** Plans so and carries out what comes of it; what became of that. */
async function planned(args: object): Promise<string> {
  const { structuredContent: facts = {} } = await lab.runner.run('plan_changes', args);
  if (typeof facts['plan'] !== 'string') return 'no plan';
  const { isError, structuredContent } = await lab.runner.run('apply_plan', { plan: facts['plan'] });
  return isError ? 'refused' : String(structuredContent?.['outcome']);
}

test('there is no way to any of it through what can be asked for', async () => {
  await begin();
  const things = () => ({ ...lab.sim.truth.state(), at: 0 });
  const before = things();
  for (const [what, resource, ...set] of ATTEMPTS) {
    expect([what, await planned({ resource, set })]).toEqual([
      what,
      expect.stringMatching(/^(?:no plan|refused)$/),
    ]);
    expect([what, lab.writes()]).toEqual([what, []]);
  }
  // Declared, as far as that is taken, and then planned for all at once.
  let declared = 0;
  for (const [, resource, ...set] of ATTEMPTS)
    if (!(await lab.runner.run('declare_state', { resource, set })).isError) declared += 1;
  expect(declared).toBeGreaterThan(20);
  expect(await planned({ restart: true, to: 'declared' })).toMatch(/^(?:no plan|refused)$/);
  expect(lab.writes()).toEqual([]);
  await lab.call('declare_state', { rollback_to: 1, remove: undefined });
  expect(things()).toEqual(before);
});

describe('what lies behind the tools', () => {
  beforeEach(begin);

  let count = 0;
  /** A plan that none of our code would make, written into the store by whoever can. */
  async function forged(...steps: Partial<PlanStep>[]): Promise<string> {
    const cluster = (await lab.store.cluster())!;
    const whole = await Promise.all(
      steps.map(async step => {
        const resource = step.resource ?? 'vm/100';
        const guest = await lab.store.guest('vm', Number(resource.split('/')[1]));
        const usual = { resource, name: null, incarnation: guest?.incarnation ?? 1, from: null, to: null };
        return { ...usual, path: 'config.description', effect: 'now' as const, ...step };
      }),
    );
    const now = lab.sim.clock.now();
    const id = `p-f${++count}`;
    const plan: PlanEntity = {
      id,
      identity: planIdentity(`${cluster.name} ${cluster.rootFingerprint ?? ''}`, {
        revision: 0,
        steps: whole,
      }),
      ...{ revision: 0, asker: 'mallory', request: {}, steps: whole, leftOut: [] },
      ...{ createdAt: now, expiresAt: now + 900_000, usedAt: null, outcome: null },
    };
    await lab.store.savePlan(plan);
    return id;
  }

  const FORGED: [what: string, step: Partial<PlanStep>][] = [
    ['protection off', { path: 'config.protection', from: 1, to: 0 }],
    ['a disk detached', { path: 'config.scsi0', from: 'local:100/vm-100-disk-0.qcow2,size=1G' }],
    ['an unused disk destroyed', { path: 'config.unused0' }],
    ['a card removed', { path: 'config.net0', from: 'virtio=BC:24:11:F0:2D:C2,bridge=vmbr0,firewall=1' }],
    ['the firewall of a card off', { path: 'config.net0.firewall', from: 1, to: 0 }],
    ['a snapshot deleted', { path: 'snapshots', from: 's1' }],
    ['a hard stop', { path: 'status', from: 'stopped', to: 'stop' }],
    ['a lock', { path: 'config.lock', to: 'backup' }],
    ['skiplock', { path: 'skiplock', to: 1 }],
    ['a template', { path: 'template', from: false, to: true }],
    ['a template written to', { resource: 'vm/302', to: 'x' }],
    ['a locked guest written to', { resource: 'vm/301', from: 'first', to: 'x' }],
    ['a guest out of scope written to', { resource: 'vm/303', from: 'first', to: 'x' }],
    ['the scope set', { resource: 'vm/303', path: 'tags', from: ['a'], to: ['a', 'lab'] }],
    ['the lock set', { path: 'tags', from: ['a', 'lab'], to: ['a', 'lab', 'mpc-locked'] }],
    ['a key of root', { path: 'config.args', to: '-device x' }],
    ['a pool', { path: 'pool', to: 'dev' }],
  ];

  test('a plan that none of our code made is not carried out, nor what stands beside it in it', async () => {
    for (const [what, step] of FORGED) {
      const plan = await forged(step, { from: 'first', to: 'harmless' });
      const result = await lab.runner.run('apply_plan', { plan });
      expect([what, result.structuredContent?.['outcome'], lab.writes()]).toEqual([what, 'refused', []]);
    }
  });

  test('a plan whose steps were changed after it was made is another plan', async () => {
    const plan = await forged({ from: 'first', to: 'harmless' });
    const kept = (await lab.store.plan(plan))!;
    const other = { ...kept, id: 'p-other', steps: [{ ...kept.steps[0]!, to: 'harmful' }] };
    await lab.store.savePlan(other);
    const result = await lab.runner.run('apply_plan', { plan: 'p-other' });
    expect([result.isError, lab.writes()]).toEqual([true, []]);
    expect((await lab.runner.run('apply_plan', { plan })).isError).toBeUndefined();
    expect(lab.writes()).toHaveLength(1);
  });

  test('a guest locked, or put out of scope, since it was planned is not written to', async () => {
    for (const tags of [
      ['a', 'lab', 'mpc-locked'],
      ['a', 'LAB2'],
    ]) {
      lab.sim.world.setTags(100, ['a', 'lab']);
      lab.sim.clock.advance(40_000);
      const plan = await lab.plan({ resource: 'vm/100', set: ['description=x'] });
      lab.sim.world.setTags(100, tags);
      const result = await lab.runner.run('apply_plan', { plan });
      const code = tags.includes('mpc-locked') ? 'locked' : 'scope';
      expect(result.structuredContent).toMatchObject({ outcome: 'refused', refusals: [{ code }] });
    }
    expect(lab.writes()).toEqual([]);
  });

  test('a disk of which a change waits is not touched by what is carried out beside it', async () => {
    const config = like('vm/101', 101, { tags: 'lab', scsi1: 'local:101/vm-101-disk-1.qcow2,size=1G' });
    lab.sim.world.placeGuest({ vmid: 101, type: 'qemu', config, pending: { scsi1: null }, running: true });
    lab.sim.clock.advance(400_000);
    await lab.discover({ deep: true });
    lab.sim.requests.reset();
    for (const set of [['description=x'], ['status=stopped'], ['memory=1024']]) {
      const plan = await lab.call('plan_changes', { resource: 'vm/101', set, restart: true });
      expect(plan.approve).toContain('vm/101: a change of scsi1 waits there');
      const result = await lab.runner.run('apply_plan', { plan: plan.plan });
      expect(result.structuredContent).toMatchObject({ outcome: 'refused', refusals: [{ code: 'waiting' }] });
    }
    expect(lab.writes()).toEqual([]);
  });

  test('undo gives nothing back that would switch protection off', async () => {
    lab.sim.world.editConfig(101, { protection: null });
    const plan = await lab.plan({ resource: 'vm/101', set: ['protection=1', 'description=new'] });
    expect((await lab.runner.run('apply_plan', { plan })).structuredContent).toMatchObject({
      outcome: 'done',
    });
    lab.sim.requests.reset();
    const undo = await lab.call('plan_changes', { undo: plan });
    expect(undo.steps.map(({ path }: { path: string }) => path)).toEqual(['config.description']);
    expect(undo.left_out).toMatchObject([
      { path: 'config.protection', why: expect.stringContaining('never switched off') },
    ]);
    await lab.runner.run('apply_plan', { plan: undo.plan });
    expect(lab.writes()).toHaveLength(1);
    expect(lab.sim.truth.state().guests['vm/101']).toMatchObject({ config: { protection: 1 } });
  });

  test('nothing heals by itself: what drifts is shown, for as long as anybody looks', async () => {
    await lab.call('declare_state', { resource: 'vm/100', set: ['memory=4096', 'description=declared'] });
    for (let look = 0; look < 3; look++) {
      lab.sim.clock.advance(400_000);
      await lab.discover({ deep: true });
      expect((await lab.call('diff_state', { from: 'declared' })).counts.drifted).toBeGreaterThan(0);
    }
    await lab.restart();
    await lab.applying!.start();
    await lab.call('get_cluster_status', {});
    expect(lab.writes()).toEqual([]);
    await lab.call('declare_state', { resource: 'vm/100', remove: ['true'] });
  });
});
