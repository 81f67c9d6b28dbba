import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TruthGuest } from '../../../src/simulator/index.ts';
import { startHealthyLab } from '../../support/healthy.ts';
import type { Lab } from '../../support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startHealthyLab();
  for (const name of ['shared', 'passed', 'bound', 'local'])
    lab.sim.world.createGuest({ node: 'pve2', name, start: true });
  await lab.discover();
});
afterAll(() => lab.close());

const GIB = 1024 ** 3;
const keyOf = (guest: TruthGuest) => `${guest.type === 'qemu' ? 'vm' : 'container'}/${guest.vmid}`;
const on = (node: string) => Object.values(lab.sim.truth.state().guests).filter(one => one.node === node);
const running = (node: string) => on(node).filter(one => one.status === 'running');
const impactOf = async (node: string) =>
  (await lab.call('check_health', { if_down: node, max_age_seconds: 0 })).impact;

test('if_down names what stops, what HA starts elsewhere, and what cannot start there and why', async () => {
  const [shared, passed, bound, local] = running('pve2')
    .filter(one => one.type === 'qemu')
    .slice(-4);
  const { world } = lab.sim;
  const onNas = (vmid: number) => ({ scsi0: `nas:${vmid}/vm-${vmid}-disk-0.qcow2,size=32G` });
  for (const guest of [shared!, passed!, bound!]) {
    world.stop(guest.vmid);
    world.editConfig(guest.vmid, onNas(guest.vmid));
    world.start(guest.vmid);
  }
  world.setHa(shared!.vmid, 'started');
  world.stop(passed!.vmid);
  world.editConfig(passed!.vmid, { hostpci0: '0000:01:00.0,pcie=1' });
  world.start(passed!.vmid);
  const impact = await impactOf('pve2');
  const there = running('pve2').map(keyOf).sort();
  expect(impact.stops.toSorted()).toEqual(there);
  expect(impact.restarts_elsewhere).toEqual([keyOf(shared!)]);
  const stuck = impact.cannot_start_elsewhere.map(one => one.resource);
  // Whose disk is on nas and who has no hardware of the node can go.
  expect(stuck.toSorted()).toEqual(there.filter(key => ![keyOf(shared!), keyOf(bound!)].includes(key)));
  const why = (guest: TruthGuest) =>
    impact.cannot_start_elsewhere.find(one => one.resource === keyOf(guest))!.why;
  expect(why(passed!)).toBe('hostpci0 passes 0000:01:00.0 of pve2 through');
  expect(why(local!)).toContain('scsi0 is on local-zfs, a storage of pve2 alone');
  const off = on('pve2').filter(one => one.status !== 'running' && !one.template);
  expect(impact.bound).toBe(off.length);
  expect(impact).toMatchObject({
    node: 'pve2',
    down: false,
    quorum_holds: true,
    votes: { left: 2, needed: 2 },
    memory_fits: true,
    running_tasks: [],
  });
  const { guests } = lab.sim.truth.state();
  const memory = [shared!, bound!].map(one => Number(guests[keyOf(one)]!.config['memory']) / 1024);
  expect(impact.memory_needed_gib).toBeCloseTo(memory[0]! + memory[1]!, 1);
  expect(impact.last_failed_at).toBeUndefined();
});

test('if_down all shows every node beside the others, each as it is told alone, the least harm first', async () => {
  const { impact, findings } = await lab.call('check_health', { if_down: 'all', max_age_seconds: 0 });
  expect(impact.nodes.map(one => one.node).sort()).toEqual(['pve1', 'pve2', 'pve3']);
  const lost = impact.nodes.map(one => one.stops - one.restarts_elsewhere);
  for (const one of impact.nodes) {
    const alone = await impactOf(one.node);
    expect(one).toMatchObject({
      verdict: alone.verdict,
      stops: alone.stops.length,
      restarts_elsewhere: alone.restarts_elsewhere.length,
      cannot_start_elsewhere: alone.cannot_start_elsewhere.length,
      quorum_holds: true,
      memory_fits: alone.memory_fits,
    });
  }
  expect(lost).toEqual(lost.toSorted((a: number, b: number) => a - b));
  expect(findings.every(one => /^(?:cluster|node\/)/.test(one.resource))).toBe(true);
});

test('if_down names the tasks that run there, and says that memory does not suffice', async () => {
  const [guest] = running('pve1').filter(one => one.type === 'qemu');
  const { world, clock } = lab.sim;
  world.backup(guest!.vmid, { durationMs: 600_000 });
  clock.advance(15_000);
  const impact = await impactOf('pve1');
  expect(impact.running_tasks).toEqual([
    expect.objectContaining({ type: 'vzdump', resource: keyOf(guest!), user: 'root@pam' }),
  ]);
  expect(impact.verdict).toContain('1 task would be cut off');
  clock.advance(600_000);
  const [large] = running('pve2').filter(one => one.ha === 'started');
  world.stop(large!.vmid);
  world.editConfig(large!.vmid, { memory: 4 * 1024 * 1024 });
  world.start(large!.vmid);
  clock.advance(15_000);
  const without = await impactOf('pve2');
  expect(without.memory_fits).toBe(false);
  expect(without.memory_needed_gib).toBeGreaterThan((4 * 1024 * GIB) / GIB);
  world.stop(large!.vmid);
  world.editConfig(large!.vmid, { memory: 2048 });
  world.start(large!.vmid);
});

test('if_down of a node that is down tells what ran there when last seen, since when, and that a second loss takes quorum', async () => {
  const { world, clock } = lab.sim;
  clock.advance(60_000);
  await lab.discover();
  const ran = running('pve3').map(keyOf).sort();
  world.nodeDown('pve3');
  for (const wait of [30_000, 600_000]) {
    clock.advance(wait);
    const impact = await impactOf('pve3');
    expect(impact).toMatchObject({ down: true, quorum_holds: true });
    expect(impact.stops.toSorted()).toEqual(ran);
    expect(impact.last_failed_at).toMatch(/^2026-11-20T06:/);
    expect(impact.verdict).toContain('ran there');
  }
  const second = await impactOf('pve2');
  expect(second).toMatchObject({ down: false, quorum_holds: false, restarts_elsewhere: [] });
  expect(second.verdict).toContain('would have no quorum');
  world.nodeUp('pve3');
  clock.advance(30_000);
  const back = await impactOf('pve3');
  expect(back).toMatchObject({ down: false, stops: [] });
  expect(back.back_at > back.last_failed_at).toBe(true);
});

test('if_down refuses a node that is not there, and names the others', async () => {
  await expect(lab.call('check_health', { if_down: 'nas' })).rejects.toThrow(
    /"nas" is a storage[\s\S]*storage\/nas/,
  );
  await expect(lab.call('check_health', { if_down: 'pve9' })).rejects.toThrow(
    /no node "pve9".*\n.*"pve1", "pve2", "pve3"/,
  );
});
