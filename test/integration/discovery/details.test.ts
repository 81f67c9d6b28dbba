import { afterEach, expect, test } from 'vitest';
import { FACETS } from '../../../src/model/facet.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';

let lab: Lab;
afterEach(() => lab.close());

const one = async (resource: string, args: object = {}) =>
  (await lab.call('get_resource', { resource, ...args })).resource;
const find = (query: string) => lab.call('find_resources', { query });

/** A running VM whose agent answers, with the first address it tells. */
async function talkative(): Promise<{ vmid: number; ip: string }> {
  const [told] = (await lab.store.details('addresses')).filter(
    row => row.subject.startsWith('vm/') && row.data.interfaces.length > 0,
  );
  return { vmid: Number(told!.subject.slice(3)), ip: told!.data.interfaces[0]!.ips[0]!.split('/')[0]! };
}

test('a guest is found by an address that only its agent tells, with the age of that knowledge', async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  const { vmid, ip } = await talkative();
  const { matches } = await find(ip);
  expect(matches[0]).toMatchObject({ resource: `vm/${vmid}`, value: expect.stringContaining(ip) });
  expect(matches[0]).toMatchObject({ source: 'addresses', as_of: expect.any(String) });
  const { addresses } = await one(`vm/${vmid}`);
  expect(addresses.interfaces[0]!.ips[0]).toContain(ip);
  expect(JSON.stringify(addresses)).not.toMatch(/127\.0\.0\.1|"::1/);
  expect((await find('203.0.113.99')).hint).toContain('running guests told');
});

test('an agent that fell silent keeps its last addresses with their age, and says why', async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  const { vmid, ip } = await talkative();
  const before = await one(`vm/${vmid}`);
  lab.sim.world.setAgentAnswers(vmid, false);
  lab.sim.clock.advance(600_000);
  const after = await one(`vm/${vmid}`);
  expect(after.addresses).toMatchObject({
    as_of: before.addresses.as_of,
    silent: 'QEMU guest agent is not running',
  });
  expect(JSON.stringify(after.addresses)).toContain(ip);
});

test('a guest that takes over a VMID does not inherit what was known of the former one', async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  const { vmid, ip } = await talkative();
  lab.sim.world.stop(vmid);
  lab.sim.world.deleteGuest(vmid);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await lab.store.details('addresses', [`vm/${vmid}`])).toEqual([]);
  expect((await find(ip)).matches.map(match => match.resource)).not.toContain(`vm/${vmid}`);
});

test('asking for addresses makes no history, and at most 200 guests are asked in one run', async () => {
  lab = await startLab({ guests: 700 });
  await lab.discover();
  const asked = () => lab.sim.requests.count(/agent\/network-get-interfaces$|\/interfaces$/);
  expect(asked()).toBe(200);
  expect((await lab.store.lastCommit('addresses'))!.complete).toBe(false);
  const seq = (await lab.store.lastCommit())!.seq;
  // Who looks for an address brings the next ones along.
  expect((await find('203.0.113.99')).hint).toContain('were not asked yet');
  expect(asked()).toBe(400);
  // Whoever asks while that run is at its end is content with it.
  lab.sim.clock.advance(31_000);
  expect((await find('203.0.113.99')).hint).not.toContain('not asked yet');
  const all = asked();
  // Nothing is old yet: nobody is asked again.
  await lab.discover({ facets: ['addresses'] });
  expect(asked()).toBe(all);
  expect(await lab.store.countVersions({ after: seq })).toBe(0);
});

test('an agent that hangs costs a few timeouts, not one for every guest', async () => {
  lab = await startLab({ guests: 60, nodes: 1, timeoutMs: 200 });
  lab.sim.faults.add({ match: /\/interfaces$|network-get-interfaces$/, kind: 'slow', delayMs: 2_000 });
  await lab.discover();
  expect(lab.sim.requests.count(/network-get-interfaces$|\/interfaces$/)).toBeLessThanOrEqual(16);
  expect((await lab.store.lastCommit('inventory'))!.complete).toBe(true);
  expect((await lab.store.lastCommit('addresses'))!.complete).toBe(false);
});

test('high availability, replication, backup jobs and node facts are told', async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  const [ha] = await lab.store.details('ha');
  expect(await one(ha!.subject)).toMatchObject({ ha_resource: { requested: expect.any(String) } });
  const [job] = await lab.store.details('replication');
  expect(await one(job!.subject)).toMatchObject({
    replication: [{ job: '100-0', to: expect.any(String), last_sync_at: expect.any(String) }],
  });
  const jobs = (await lab.store.details('backup_job')).map(row => row.data);
  expect(jobs).toContainEqual(
    expect.objectContaining({ storage: 'nas', pool: 'prod', schedule: expect.any(String) }),
  );
  const node = await one('node/pve1');
  expect(node).toMatchObject({
    kernel: expect.any(String),
    cpu_model: expect.any(String),
    load: [expect.any(Number), expect.any(Number), expect.any(Number)],
  });
  expect((await lab.store.nodes()).every(each => /^\d+\.\d/.test(each.pveVersion!))).toBe(true);
});

test.each([
  'full',
  'auditor',
] as const)('backups are told only as far as the token sees them: %s', async token => {
  lab = await startLab({ guests: 16, token });
  const [vmid, bare] = lab.sim.world.find({ type: 'qemu', status: 'running' }) as [number, number];
  lab.sim.world.backup(vmid);
  lab.sim.clock.advance(3_600_000);
  await lab.discover();
  const guest = await one(`vm/${vmid}`);
  const status = await lab.call('get_cluster_status');
  const blamed = status.attention.find(row => row.what === 'backups')?.why;
  if (token === 'auditor') {
    // It sees no backups at all: that none are listed says nothing, and silence would read as "all have one".
    expect([guest.backups, blamed]).toEqual([undefined, expect.stringContaining('not known')]);
    return;
  }
  expect(guest.backups).toMatchObject({ count: expect.any(Number), last_backup_at: expect.any(String) });
  const never = (await lab.store.details('backups')).every(row => row.subject !== `vm/${bare}`);
  expect(blamed).toContain('guests had none');
  const full = await lab.call('get_cluster_status', { detail: 'full' });
  const { why } = full.attention.find(row => row.what === 'backups')!;
  const [, count] = /^(\d+) guests had none at 2026-11-20T07:00:\d\d\+00:00: /.exec(why)!;
  expect(Number(count)).toBeGreaterThan(5);
  expect(why.match(/(?:vm|container)\/\d+/g)).toHaveLength(Number(count));
  // Those that have one, the oldest first: every guest that is no template is in one of the two rows.
  const backedUp = full.attention.find(row => row.why.startsWith('latest one longest ago'))!.why;
  const dates = backedUp.match(/2026-\S+\d/g)!;
  expect(dates).toEqual([...dates].sort());
  expect(backedUp).toContain(`vm/${vmid} 2026-11-20T06:`);
  expect(Number(count) + dates.length).toBe(lab.sim.world.find({ template: false }).length);
  if (never) expect((await one(`vm/${bare}`)).backups).toMatchObject({ count: 0 });
  // They outlive the guest.
  lab.sim.world.stop(vmid);
  lab.sim.world.deleteGuest(vmid);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await one(`vm/${vmid}`)).toMatchObject({
    status: 'deleted',
    backups: { count: guest.backups.count },
  });
});

test('details leave no trace in history over many refreshes', async () => {
  lab = await startLab({ discovered: true, guests: 8 });
  const before = await lab.store.countVersions({});
  for (let turn = 0; turn < times(6, 20); turn++) {
    lab.sim.clock.advance(301_000);
    await lab.discover({ facets: [...FACETS] });
  }
  expect(await lab.store.countVersions({})).toBe(before);
});

// Kills: "the storage is still there, so what it told is": it may have told it under another name.
test('backups on a storage that leaves a node, or becomes shared, are not counted twice', async () => {
  lab = await startLab({ guests: 16 });
  const { world, clock } = lab.sim;
  world.addStorage({ storage: 'depot', type: 'dir', content: ['backup'], options: { path: '/mnt/depot' } });
  for (const node of ['pve1', 'pve2', 'pve3'])
    world.backup(world.find({ node, template: false })[0]!, { storage: 'depot' });
  const sources = async () => {
    const rows = await lab.store.details('backups');
    return [...new Set(rows.map(row => row.source).filter(one => one.startsWith('depot')))].sort();
  };
  await lab.discover();
  expect(await sources()).toEqual(['depot@pve1', 'depot@pve2', 'depot@pve3']);
  world.editStorage('depot', { nodes: ['pve1', 'pve2'] });
  // A node that is off keeps what it told.
  world.nodeDown('pve2', { haRecovery: false });
  clock.advance(60_000);
  await lab.discover();
  expect(await sources()).toEqual(['depot@pve1', 'depot@pve2']);
  world.editStorage('depot', { shared: true });
  clock.advance(60_000);
  await lab.discover();
  expect(await sources()).toEqual(['depot']);
});

// Kills: "they had none when somebody looked, so they have none".
test('missing backups are dated by when backups were last looked for', async () => {
  lab = await startLab({ discovered: true, guests: 8 });
  lab.sim.clock.advance(86_400_000);
  for (const vmid of lab.sim.world.find({ template: false })) lab.sim.world.backup(vmid);
  const { attention } = await lab.call('get_cluster_status');
  expect(attention.find(row => row.what === 'backups')?.why).toContain('had none at 2026-11-20T06:00:00');
});

// Kills: "every storage that can be asked was asked, so who is not listed has no backup".
test('whoever may have backups on a node that is off is not told to have none', async () => {
  lab = await startLab({ guests: 16 });
  const { world } = lab.sim;
  const { vmid } = world.createGuest({ type: 'qemu', node: 'pve2' });
  world.backup(vmid, { storage: 'local' });
  world.migrate(vmid, 'pve1');
  world.nodeDown('pve2', { haRecovery: false });
  await lab.discover();
  expect((await one(`vm/${vmid}`)).backups).toBeUndefined();
  const { attention } = await lab.call('get_cluster_status');
  expect(attention.find(row => row.what === 'backups')?.why).toContain('not known');
  world.nodeUp('pve2');
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect((await one(`vm/${vmid}`)).backups).toMatchObject({ count: 1 });
});

// Kills: "the node is off, so what it told stands": it told of a guest that stands elsewhere by now.
test('replication is told by the node on which the guest stands', async () => {
  lab = await startLab({ guests: 16 });
  const { world, clock } = lab.sim;
  await lab.discover();
  const { subject, source } = (await lab.store.details('replication'))[0]!;
  world.setHa(Number(subject.split('/')[1]), 'started');
  world.nodeDown(source);
  clock.advance(180_000);
  await lab.discover();
  const sources = (await lab.store.details('replication', [subject])).map(row => row.source);
  expect(sources).toHaveLength(1);
  expect(sources).not.toContain(source);
});
