import { afterEach, expect, test } from 'vitest';
import { startHealthyLab } from '../../support/healthy.ts';
import type { Lab } from '../../support/lab.ts';

let lab: Lab;
afterEach(() => lab.close());

const HOUR = 3_600_000;
/** On what storage-filling rests. */
interface Filling {
  used_percent: number;
  grows_gib_per_day: number;
  full_on: string;
  full_earliest: string;
  full_latest: string;
}
const evidenceOf = (finding: { evidence: object } | undefined) => finding!.evidence as Filling;
const found = async (check: string) => (await lab.call('check_health', { check })).findings;

test('clocks, maintenance, certificates, rules and the QDevice are read of the cluster', async () => {
  lab = await startHealthyLab({ guests: 12 });
  const { world, clock, certificates } = lab.sim;
  world.setClockOffset('pve2', -61_000);
  world.setMaintenance('pve3', true);
  certificates.nodes.get('pve1')!.notafter = Math.floor(clock.now() / 1000) + 9 * 86_400;
  expect(await found('clock-off')).toMatchObject([
    { resource: 'node/pve2', evidence: { clock_ahead_seconds: -61 } },
  ]);
  expect(await found('node-maintenance')).toMatchObject([{ resource: 'node/pve3' }]);
  expect(await found('certificate-expiring')).toMatchObject([
    { resource: 'node/pve1', evidence: { file: 'pve-ssl.pem', days_left: 9 } },
  ]);

  const [container] = Object.values(lab.sim.truth.state().guests).filter(one => one.type === 'lxc');
  world.setRawLines(container!.vmid, [
    ['lxc.cap.drop', ''],
    ['lxc.apparmor.profile', 'unconfined'],
  ]);
  clock.advance(25 * HOUR);
  expect(await found('container-unconfined')).toMatchObject([
    { resource: `container/${container!.vmid}`, what: 'unconfined by AppArmor' },
  ]);

  const running = Object.values(lab.sim.truth.state().guests).filter(
    one => one.type === 'qemu' && one.status === 'running',
  );
  const [pinned, apart] = running;
  for (const { vmid } of [pinned!, apart!]) {
    world.editConfig(vmid, { scsi0: `nas:${vmid}/vm-${vmid}-disk-0.qcow2,size=32G` });
    world.setHa(vmid, 'started');
  }
  const both = `vm:${pinned!.vmid},vm:${apart!.vmid}`;
  world.setHaRules([
    {
      rule: 'pin',
      type: 'node-affinity',
      resources: `vm:${pinned!.vmid}`,
      nodes: `${pinned!.node}:2`,
      strict: 1,
    },
    { rule: 'off', type: 'resource-affinity', resources: both, affinity: 'negative', disable: 1 },
  ]);
  clock.advance(HOUR);
  const { impact } = await lab.call('check_health', { if_down: pinned!.node });
  const why = impact.cannot_start_elsewhere.find(one => one.resource === `vm/${pinned!.vmid}`)!.why;
  expect(why).toBe(`the HA rule pin binds it to ${pinned!.node}`);
});

test('of two nodes one keeps quorum with a QDevice that is connected, and only then', async () => {
  lab = await startHealthyLab({ guests: 6, nodes: 2 });
  const { world, clock } = lab.sim;
  const quorum = async () => {
    clock.advance(400_000);
    const { impact } = await lab.call('check_health', { if_down: 'pve2' });
    return [impact.quorum_holds, impact.votes];
  };
  expect(await quorum()).toEqual([false, { left: 1, needed: 2 }]);
  world.setQdevice({ Algorithm: 'Fifty-Fifty split', Model: 'Net', State: 'Connected' });
  expect(await quorum()).toEqual([true, { left: 2, needed: 2 }]);
  world.setQdevice({ Algorithm: 'Fifty-Fifty split', Model: 'Net', State: 'Connect failed' });
  expect(await quorum()).toEqual([false, { left: 1, needed: 2 }]);
});

test('a storage that grows tells the day it will be full, by what was recorded every six hours', async () => {
  lab = await startHealthyLab({ guests: 4 });
  const { world, clock } = lab.sim;
  const look = () => lab.discover({ facets: ['inventory', 'storage'] });
  const samples = async () => (await lab.store.details('storage_fill', ['nas']))[0]!.data.samples.length;
  for (let hour = 0; hour < 10 * 24; hour += 6) {
    world.fillStorage('nas', 0.7 + hour / 2_400);
    await look();
    clock.advance(60_000);
    await look();
    clock.advance(6 * HOUR);
  }
  expect(await samples()).toBe(40);
  const [filling] = await found('storage-filling');
  expect(filling).toMatchObject({ resource: 'storage/nas', severity: 'warning' });
  // It gains a per cent a day, and is at some eighty.
  const { grows_gib_per_day: growth, full_on: day, used_percent: used } = evidenceOf(filling);
  expect(growth / 120).toBeCloseTo(1, 1);
  const left = (Date.parse(day) - clock.now()) / (24 * HOUR);
  expect(Math.abs(left - (100 - used))).toBeLessThan(3);
});

test('on the first day the growth of a storage is what Proxmox recorded, read once in a while', async () => {
  lab = await startHealthyLab({ guests: 4 });
  const { world, requests, clock } = lab.sim;
  world.growStorage('nas', 250 * 1024 ** 3);
  const [filling] = await found('storage-filling');
  const { total, used } = world.fillOf('nas');
  const left = (total - used) / (250 * 1024 ** 3);
  const { full_on: day, full_earliest: earliest, full_latest: latest } = evidenceOf(filling);
  expect(Math.abs((Date.parse(day) - clock.now()) / (24 * HOUR) - left)).toBeLessThan(2);
  expect(Date.parse(earliest)).toBeLessThanOrEqual(Date.parse(day));
  expect(Date.parse(latest)).toBeGreaterThanOrEqual(Date.parse(day));
  const asked = requests.count(/\/rrddata$/);
  expect(asked).toBeGreaterThan(0);
  await found('storage-filling');
  await lab.call('get_cluster_status');
  expect(requests.count(/\/rrddata$/)).toBe(asked);
  world.growStorage('nas', 0);
  clock.advance(HOUR);
  expect(await found('storage-filling')).toEqual([]);
  await lab.sim.stop();
  expect(await found('storage-filling')).toEqual([]);
});
