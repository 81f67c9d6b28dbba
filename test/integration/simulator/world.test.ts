import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TruthEvent } from '../../../src/simulator/index.ts';
import { type Lab, openLab, rowOf } from '../../support/simulator-client.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const last = (): TruthEvent => lab.sim.truth.events.at(-1)!;
const nodeOf = async (vmid: number): Promise<string> => (await rowOf(lab, vmid)).node;
const tasksOf = async (vmid: number) =>
  lab.rows(`/nodes/${await nodeOf(vmid)}/tasks?source=all&limit=500&vmid=${vmid}`);

describe('edits', () => {
  it('make no task, a log line for VMs with the user, and pending values on a running guest', async () => {
    const { world } = lab.sim;
    const before = (await tasksOf(101)).length;
    world.editConfig(101, { memory: 3072, tags: 'b;a', cpu: null }, { user: 'alice@pve' });
    expect(await tasksOf(101)).toHaveLength(before);
    const [line] = await lab.rows('/cluster/log?max=1');
    expect(line).toMatchObject({
      msg: 'update VM 101: -delete cpu -memory 3072 -tags b;a',
      user: 'alice@pve',
      pri: 6,
    });
    const node = await nodeOf(101);
    expect(await lab.data(`/nodes/${node}/qemu/101/config`)).toMatchObject({ memory: '3072', tags: 'a;b' });
    expect(await lab.data(`/nodes/${node}/qemu/101/config?current=1`)).toMatchObject({ memory: '8192' });
    expect(last()).toMatchObject({
      resource: 'vm/101',
      change: 'updated',
      cause: { user: 'alice@pve', type: 'update' },
      fields: [
        { path: 'pending.memory', from: '12288', to: '3072' },
        { path: 'tags', from: ['critical', 'db'], to: ['a', 'b'] },
      ],
    });
    expect(last().task).toBeUndefined();
    world.restart(101, { user: 'bob@pve' });
    expect(last().fields).toEqual(
      expect.arrayContaining([
        { path: 'config.memory', from: '8192', to: '3072' },
        { path: 'pending.memory', from: '3072', to: null },
      ]),
    );
    expect((await rowOf(lab, 101)).maxmem).toBe(3072 * 2 ** 20);
  });

  it('of containers apply at once and leave no line', async () => {
    const before = (await lab.rows('/cluster/log')).length;
    lab.sim.world.editConfig(200, { memory: 1024 });
    expect((await lab.rows('/cluster/log')).length).toBe(before);
    expect((await lab.data(`/nodes/${await nodeOf(200)}/lxc/200/config`)).memory).toBe(1024);
    expect(last()).toMatchObject({
      resource: 'container/200',
      fields: [{ path: 'config.memory', from: 256, to: 1024 }],
    });
  });

  it('can make a task, and name the part of a property string that changed', async () => {
    const upid = lab.sim.world.editConfig(101, { onboot: 0 }, { task: true });
    expect(upid).toMatch(/^UPID:pve\d:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:qmconfig:101:root@pam:$/);
    expect(last().task).toBe(upid);
    lab.sim.world.editProperty(101, 'net0', 'tag', '99');
    expect(last().fields).toEqual([{ path: 'config.net0.tag', from: expect.any(String), to: '99' }]);
  });

  it('change the digest', async () => {
    const path = `/nodes/${await nodeOf(101)}/qemu/101/config`;
    const { digest } = await lab.data(path);
    expect((await lab.data(path)).digest).toBe(digest);
    lab.sim.world.rename(101, 'database');
    expect((await lab.data(path)).digest).not.toBe(digest);
    expect((await rowOf(lab, 101)).name).toBe('database');
  });
});

describe('lives of guests', () => {
  it('begin and end with tasks', async () => {
    const { world } = lab.sim;
    const { vmid, upid } = world.createGuest(
      { name: 'fresh', node: 'pve2', pool: 'prod', tags: ['z', 'a'] },
      { user: 'root@pam!terraform' },
    );
    expect(await rowOf(lab, vmid)).toMatchObject({
      name: 'fresh',
      node: 'pve2',
      pool: 'prod',
      tags: 'a;z',
      status: 'stopped',
    });
    expect(last()).toMatchObject({
      resource: `vm/${vmid}`,
      change: 'created',
      cause: { upid, user: 'root@pam!terraform', type: 'qmcreate' },
    });
    const [task] = await tasksOf(vmid);
    expect(task).toMatchObject({
      type: 'qmcreate',
      user: 'root@pam',
      tokenid: 'terraform',
      status: 'OK',
      upid,
    });
    world.start(vmid);
    world.deleteGuest(vmid);
    expect(await rowOf(lab, vmid)).toBeUndefined();
    const types = (await lab.rows(`/nodes/pve2/tasks?vmid=${vmid}`)).map(row => row.type);
    expect(types).toEqual(['qmdestroy', 'qmstop', 'qmstart', 'qmcreate']);
    expect(last()).toMatchObject({ change: 'deleted' });
  });

  it('may reuse a number, by the same type or the other, with another uuid', async () => {
    const { world, truth } = lab.sim;
    const uuid = truth.state().guests['vm/101']!.uuid;
    world.reuseVmid(101, { name: 'again' });
    expect(truth.state().guests['vm/101']).toMatchObject({ name: 'again' });
    expect(truth.state().guests['vm/101']!.uuid).not.toBe(uuid);
    world.reuseVmid(101, { type: 'lxc', name: 'ct' });
    expect(await rowOf(lab, 101)).toMatchObject({ id: 'lxc/101', type: 'lxc' });
    expect(truth.events.slice(-2).map(({ resource, change }) => `${change} ${resource}`)).toEqual([
      'deleted vm/101',
      'created container/101',
    ]);
  });

  it('survive migration, template conversion, rollback and restore with their uuid', async () => {
    const { world, truth } = lab.sim;
    const before = truth.state().guests['vm/101']!;
    const target = before.node === 'pve2' ? 'pve3' : 'pve2';
    world.migrate(101, target);
    expect(await rowOf(lab, 101)).toMatchObject({ node: target, status: 'running' });
    world.snapshot(101, 'base', { description: 'x' });
    world.editConfig(101, { description: 'changed' });
    world.rollback(101, 'base');
    const rolled = truth.state().guests['vm/101']!;
    expect(rolled).toMatchObject({ uuid: before.uuid, status: 'stopped', snapshots: ['base'] });
    expect(rolled.config.vmgenid).not.toBe(before.config.vmgenid);
    world.deleteSnapshot(101, 'base');
    world.backup(101);
    world.editConfig(101, { cores: 1 });
    world.restore(101);
    expect(truth.state().guests['vm/101']).toMatchObject({ uuid: before.uuid, config: { cores: 4 } });
    world.convertToTemplate(101);
    expect(await rowOf(lab, 101)).toMatchObject({ template: 1 });
    const { vmid } = world.cloneGuest(101, { name: 'copy' });
    const clone = truth.state().guests[`vm/${vmid}`]!;
    expect(clone).toMatchObject({ name: 'copy', template: false, status: 'stopped' });
    expect(clone.uuid).not.toBe(before.uuid);
    expect(clone.config.scsi0).toContain(`vm-${vmid}-disk-0`);
  });

  it('stop without a task when shut down from inside', async () => {
    const before = (await tasksOf(100)).length;
    lab.sim.world.shutdownInside(100);
    expect(await rowOf(lab, 100)).toMatchObject({ status: 'stopped', uptime: 0 });
    expect(await tasksOf(100)).toHaveLength(before);
    expect(last().cause).toBeUndefined();
  });

  it('under high availability stop by two tasks of two users', async () => {
    lab.sim.world.haStop(100, { user: 'alice@pve' });
    const [stop, request] = await tasksOf(100);
    expect([stop!.type, stop!.user, request!.type, request!.user]).toEqual([
      'qmstop',
      'root@pam',
      'hastop',
      'alice@pve',
    ]);
    expect(await rowOf(lab, 100)).toMatchObject({ status: 'stopped', hastate: 'stopped' });
  });

  it('may be suspended to disk or in memory', async () => {
    lab.sim.world.suspend(101, { toDisk: true });
    expect(await rowOf(lab, 101)).toMatchObject({ status: 'stopped', lock: 'suspended' });
    lab.sim.world.start(101);
    expect((await rowOf(lab, 101)).lock).toBeUndefined();
    lab.sim.world.suspend(101);
    expect(await lab.data(`/nodes/${await nodeOf(101)}/qemu/101/status/current`)).toMatchObject({
      status: 'running',
      qmpstatus: 'paused',
    });
  });
});

describe('tasks', () => {
  it('run while time passes', async () => {
    const { world, clock } = lab.sim;
    const node = await nodeOf(101);
    const upid = world.shutdown(101, { user: 'root@pam!mcp', durationMs: 30_000 });
    const path = `/nodes/${node}/tasks/${encodeURIComponent(upid)}`;
    expect(await lab.data(`${path}/status`)).toMatchObject({
      status: 'running',
      user: 'root@pam',
      tokenid: 'mcp',
    });
    const [running] = await lab.rows(`/nodes/${node}/tasks?source=all`);
    expect(running).toMatchObject({ upid, status: 'RUNNING', user: 'root@pam!mcp' });
    expect(running!.endtime).toBeUndefined();
    expect((await lab.rows(`/nodes/${node}/tasks`)).some(row => row.upid === upid)).toBe(false);
    const recent = (await lab.rows('/cluster/tasks')).find(row => row.upid === upid);
    expect(recent!.status).toBeUndefined();
    expect((await rowOf(lab, 101)).status).toBe('running');
    clock.advance(31_000);
    expect(await rowOf(lab, 101)).toMatchObject({ status: 'stopped' });
    expect(await lab.data(`${path}/status`)).toMatchObject({ status: 'stopped', exitstatus: 'OK' });
    const [ended] = await lab.rows(`/nodes/${node}/tasks`);
    expect(ended).toMatchObject({
      upid,
      status: 'OK',
      user: 'root@pam',
      tokenid: 'mcp',
      endtime: ended!.starttime + 30,
    });
    const log = await lab.get(`${path}/log?limit=0`);
    expect(log.json).toMatchObject({ total: 1, data: [{ n: 1, t: 'TASK OK' }] });
  });

  it('that fail change nothing', async () => {
    lab.sim.world.start(102, { fail: 'start failed: QEMU exited with code 1' });
    expect((await rowOf(lab, 102)).status).toBe(lab.sim.truth.state().guests['vm/102']!.status);
    const [task] = await lab.rows(`/nodes/${await nodeOf(102)}/tasks?errors=1`);
    expect(task!.status).toBe('start failed: QEMU exited with code 1');
  });

  it('are filtered, paged and counted as PVE does', async () => {
    const { world } = lab.sim;
    const node = await nodeOf(101);
    for (let i = 0; i < 3; i++) world.restart(101);
    const all = (await lab.get(`/nodes/${node}/tasks?vmid=101&limit=1`)).json;
    expect(all.data).toHaveLength(1);
    expect(all.total).toBeGreaterThanOrEqual(3);
    expect((await lab.get(`/nodes/${node}/tasks?vmid=99999`)).json).toEqual({ data: [] });
    expect(await lab.data(`/nodes/${node}/tasks?limit=0`)).toEqual([]);
    expect(await lab.data(`/nodes/${node}/tasks?typefilter=qmreboot&vmid=101&start=1`)).toHaveLength(2);
    expect(await lab.data(`/nodes/${node}/tasks?userfilter=nobody`)).toEqual([]);
    const future = lab.sim.clock.seconds() + 10;
    expect(await lab.data(`/nodes/${node}/tasks?since=${future}`)).toEqual([]);
    const rows = await lab.rows(`/nodes/${node}/tasks?limit=500`);
    const ends = rows.map(row => row.endtime);
    expect(ends).toEqual([...ends].sort((a, b) => b - a));
    expect(
      (await lab.rows(`/nodes/${node}/tasks?statusfilter=error&limit=500`)).every(row => row.status !== 'OK'),
    ).toBe(true);
  });

  it('of a backup lock the guest and start a stopped VM for a while', async () => {
    const { world, clock, truth } = lab.sim;
    const [vmid] = world.find({ type: 'qemu', status: 'stopped', template: false }) as [number];
    const events = truth.events.length;
    world.backup(vmid, { durationMs: 60_000 });
    expect(await rowOf(lab, vmid)).toMatchObject({ status: 'prelaunch', lock: 'backup' });
    expect(await lab.data(`/nodes/${await nodeOf(vmid)}/qemu/${vmid}/status/current`)).toMatchObject({
      qmpstatus: 'prelaunch',
    });
    expect(truth.state().guests[`vm/${vmid}`]).toMatchObject({ status: 'stopped', startedAt: null });
    clock.advance(60_000);
    const after = await rowOf(lab, vmid);
    expect(after.status).toBe('stopped');
    expect(after.lock).toBeUndefined();
    expect(truth.events).toHaveLength(events);
    const archives = await lab.rows(`/nodes/pve1/storage/nas/content?content=backup&vmid=${vmid}`);
    expect(archives.some(row => row.ctime === clock.seconds())).toBe(true);
  });
});

describe('storages', () => {
  it('can be switched off, lost, edited, added and removed', async () => {
    const { world, clock } = lab.sim;
    const rows = async (storage: string) =>
      (await lab.rows('/cluster/resources?type=storage')).filter(row => row.storage === storage);
    const digests = async () => new Set((await lab.rows('/storage')).map(row => row.digest));
    const [digest] = await digests();
    world.setStorageDisabled('nas', true);
    expect(await rows('nas')).toEqual([]);
    expect(last()).toMatchObject({
      resource: 'storage/nas',
      fields: [{ path: 'enabled', from: true, to: false }],
    });
    world.setStorageDisabled('nas', false);
    world.editStorage('local', { content: ['iso'] });
    const after = await digests();
    expect(after.size).toBe(1);
    expect(after.has(digest!)).toBe(false);
    world.setStorageUnreachable('nas', true, ['pve1']);
    expect((await lab.get('/nodes/pve1/storage/nas/content')).reason).toBe("storage 'nas' is not online");
    const [there] = await lab.rows('/nodes/pve1/storage?storage=nas');
    expect(there).toMatchObject({ active: 0, enabled: 1, total: 0, used: 0, avail: 0 });
    expect((await rows('nas')).map(row => row.status)).toEqual(['available', 'available', 'available']);
    clock.advance(301_000);
    expect((await rows('nas')).find(row => row.node === 'pve1')!.status).toBe('unknown');
    world.addStorage({ storage: 'fast', type: 'lvmthin', content: ['images'] });
    expect(await rows('fast')).toHaveLength(3);
    world.removeStorage('fast');
    expect(await rows('fast')).toEqual([]);
    expect((await lab.get('/storage/fast')).reason).toBe("storage 'fast' does not exist");
  });
});

describe('rows that lag', () => {
  it('show name and status late, tags, node and pool at once', async () => {
    const slow = await openLab({ rowLagMs: 10_000 });
    const { world, clock } = slow.sim;
    world.shutdown(101);
    world.rename(101, 'later');
    world.setTags(101, ['now']);
    expect(await rowOf(slow, 101)).toMatchObject({ name: 'db01', status: 'running', tags: 'now' });
    const { node } = await rowOf(slow, 101);
    expect(await slow.data(`/nodes/${node}/qemu/101/status/current`)).toMatchObject({
      status: 'stopped',
      name: 'later',
    });
    const { vmid } = world.createGuest({ name: 'new', node: 'pve1' });
    expect((await rowOf(slow, vmid)).name).toBeUndefined();
    clock.advance(10_000);
    expect(await rowOf(slow, 101)).toMatchObject({ name: 'later', status: 'stopped' });
    expect(await rowOf(slow, vmid)).toMatchObject({ name: 'new' });
    await slow.close();
  });
});

it('a task fails whose guest somebody else destroyed meanwhile, and leaves its successor alone', async () => {
  const { world, clock } = lab.sim;
  const { vmid } = world.createGuest({ type: 'lxc', node: 'pve1' });
  const upids = [60_000, 120_000].map(durationMs => world.deleteGuest(vmid, { durationMs }));
  clock.advance(61_000);
  world.createGuest({ type: 'lxc', vmid, node: 'pve1' });
  clock.advance(61_000);
  const status = async (upid: string) =>
    (await lab.data(`/nodes/pve1/tasks/${encodeURIComponent(upid)}/status`)).exitstatus;
  expect(await Promise.all(upids.map(status))).toEqual([
    'OK',
    `Configuration file 'nodes/pve1/lxc/${vmid}.conf' does not exist`,
  ]);
  expect(world.find({})).toContain(vmid);
});
