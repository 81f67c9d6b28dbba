import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, openLab, rowOf } from '../../support/simulator-client.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const nodeRow = async (node: string) =>
  (await lab.rows('/cluster/resources?type=node')).find(row => row.node === node)!;

describe('a dead node', () => {
  it('is offline at once, its guests go stale and then unknown', async () => {
    const { world, clock, truth } = lab.sim;
    const [vmid] = world.find({ node: 'pve3', status: 'running', ha: false }) as [number];
    world.setPool(vmid, 'prod');
    const before = await rowOf(lab, vmid);
    world.nodeDown('pve3', { haRecovery: false });
    expect(await nodeRow('pve3')).toEqual({
      id: 'node/pve3',
      node: 'pve3',
      type: 'node',
      status: 'offline',
      level: '',
      hastate: 'unknown',
    });
    expect((await lab.rows('/cluster/status')).find(row => row.name === 'pve3')!.online).toBe(0);
    expect(await rowOf(lab, vmid)).toMatchObject({
      status: 'running',
      name: before.name,
      maxmem: before.maxmem,
    });
    clock.advance(299_000);
    expect((await rowOf(lab, vmid)).status).toBe('running');
    clock.advance(2000);
    expect(await rowOf(lab, vmid)).toEqual({
      id: before.id,
      vmid,
      type: before.type,
      node: 'pve3',
      status: 'unknown',
      pool: 'prod',
    });
    const storage = (await lab.rows('/cluster/resources?type=storage')).find(
      row => row.id === 'storage/pve3/local',
    );
    expect(storage!.status).toBe('unknown');
    expect(storage!.maxdisk).toBeUndefined();
    const resource = before.type === 'qemu' ? `vm/${vmid}` : `container/${vmid}`;
    expect(truth.state().guests[resource]!.status).toBe('running');
    expect(
      truth.events.filter(
        event => event.resource === resource && event.fields?.some(({ path }) => path === 'status'),
      ),
    ).toEqual([]);
  });

  it('answers nothing of its own, but what others can answer for it', async () => {
    lab.sim.world.nodeDown('pve3');
    const [vmid] = lab.sim.world.find({ node: 'pve3', type: 'qemu' }) as [number];
    for (const path of ['/status', '/qemu', '/storage', '/tasks', `/qemu/${vmid}/config`, '/replication']) {
      expect(await lab.get(`/nodes/pve3${path}`)).toMatchObject({ status: 595, body: '' });
    }
    for (const path of [
      '/rrddata?timeframe=hour',
      `/qemu/${vmid}/firewall/rules`,
      `/qemu/${vmid}/rrddata?timeframe=hour`,
      '',
    ]) {
      expect((await lab.get(`/nodes/pve3${path}`)).status).toBe(200);
    }
  });

  it('comes back with its guests stopped and nobody to blame', async () => {
    const { world, clock, truth } = lab.sim;
    const ran = world.find({ node: 'pve3', status: 'running', ha: false });
    world.nodeDown('pve3');
    clock.advance(400_000);
    world.nodeUp('pve3');
    for (const vmid of ran) expect((await rowOf(lab, vmid)).status).toBe('stopped');
    const events = truth.events.filter(
      event =>
        event.fields?.some(({ path, to }) => path === 'status' && to === 'stopped') &&
        event.cause === undefined,
    );
    expect(events.length).toBe(ran.length);
    expect((await nodeRow('pve3')).uptime).toBeLessThan(120);
  });

  it('may start them itself', async () => {
    const { world } = lab.sim;
    const ran = world.find({ node: 'pve3', status: 'running', ha: false });
    world.nodeDown('pve3');
    world.nodeUp('pve3', { start: 'all' });
    for (const vmid of ran) expect((await rowOf(lab, vmid)).status).toBe('running');
  });

  it('loses its running tasks, and its services under high availability to another node', async () => {
    const { world, clock } = lab.sim;
    expect(await rowOf(lab, 100)).toMatchObject({ node: 'pve3', hastate: 'started' });
    const upid = world.backup(100, { durationMs: 600_000 });
    world.nodeDown('pve3');
    clock.advance(61_000);
    expect(await rowOf(lab, 100)).toMatchObject({ node: 'pve3', hastate: 'fence' });
    clock.advance(60_000);
    expect(await rowOf(lab, 100)).toMatchObject({ status: 'running', node: 'pve1', hastate: 'started' });
    world.nodeUp('pve3');
    expect(await lab.data(`/nodes/pve3/tasks/${encodeURIComponent(upid)}/status`)).toMatchObject({
      exitstatus: 'unexpected status',
    });
  });

  it('is answered for even when it was the one that took the calls', async () => {
    lab.sim.world.nodeDown('pve1');
    expect((await lab.rows('/cluster/status')).find(row => row.local === 1)!.name).toBe('pve2');
  });
});

it('a hung node looks healthy but its own paths fail', async () => {
  lab.sim.world.nodeFrozen('pve2', true, 30);
  expect(await nodeRow('pve2')).toMatchObject({ status: 'online', uptime: expect.any(Number) });
  const began = performance.now();
  expect(await lab.get('/nodes/pve2/qemu')).toMatchObject({ status: 596, body: '' });
  expect(performance.now() - began).toBeGreaterThan(25);
  lab.sim.world.nodeFrozen('pve2', false);
  expect((await lab.get('/nodes/pve2/qemu')).status).toBe(200);
});

it('a removed node is gone with its guests', async () => {
  const guests = lab.sim.world.find({ node: 'pve3' });
  lab.sim.world.removeNode('pve3');
  expect(await nodeRow('pve3')).toBeUndefined();
  expect((await lab.get('/nodes/pve3/status')).status).toBe(500);
  const gone = lab.sim.truth.events.filter(({ change }) => change === 'deleted');
  // And with them what high availability was asked of them.
  expect(gone.filter(({ resource }) => !resource.startsWith('ha/'))).toHaveLength(guests.length + 1);
});

it('without quorum reads go on', async () => {
  lab.sim.world.quorumLoss();
  const rows = await lab.rows('/cluster/status');
  expect(rows.find(row => row.type === 'cluster')!.quorate).toBe(0);
  expect(await lab.data('/cluster/resources')).not.toEqual([]);
  expect((await lab.get('/nodes/pve1/replication')).reason).toBe('cluster not ready - no quorum?');
  lab.sim.world.quorumLoss(false);
  lab.sim.world.nodeDown('pve3');
  expect((await lab.rows('/cluster/status')).find(row => row.type === 'cluster')!.quorate).toBe(1);
  lab.sim.world.nodeDown('pve2');
  expect((await lab.rows('/cluster/status')).find(row => row.type === 'cluster')!.quorate).toBe(0);
});

it('a node may have another clock and another version', async () => {
  lab.sim.world.setClockOffset('pve2', 90_000);
  expect((await lab.data('/nodes/pve2/time')).time).toBe(lab.sim.clock.seconds() + 90);
  lab.sim.world.setNodeVersion('pve2', '9.3.1');
  expect((await lab.data('/nodes/pve2/version')).release).toBe('9.3');
  expect(lab.sim.truth.events.at(-1)).toMatchObject({
    resource: 'node/pve2',
    fields: [{ path: 'version', to: '9.3.1' }],
  });
});
