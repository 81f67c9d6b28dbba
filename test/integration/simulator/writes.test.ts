import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guestPath, recorded, send } from '../../support/recorded-writes.ts';
import { type Lab, openLab } from '../../support/simulator-client.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ nodes: 3, guests: 0 });
});
afterAll(() => lab.close());

const vm = '/nodes/pve1/qemu/100';
const container = '/nodes/pve1/lxc/200';

function place(resource: 'vm/100' | 'container/200', more: object = {}): void {
  const [type, vmid] = resource.split('/');
  const kind = type === 'vm' ? 'qemu' : 'lxc';
  const config = recorded.guests[resource]!;
  lab.sim.world.placeGuest({ vmid: Number(vmid), type: kind, node: 'pve1', config, ...more });
}

function put(path: string, form: Record<string, unknown>, token?: string) {
  return send(lab, { method: 'PUT', path: `${path}/config`, form, ...(token && { token }) });
}

function post(path: string, form: Record<string, unknown> = {}) {
  return send(lab, { method: 'POST', path, form });
}

const configOf = (path: string): Promise<{ [key: string]: unknown }> => lab.data(`${path}/config`);

async function statusOf(upid: unknown): Promise<string> {
  return (await lab.data(`/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`)).exitstatus;
}

async function waiting(path: string): Promise<object[]> {
  const rows = await lab.rows(`${path}/pending`);
  return rows.filter(row => 'pending' in row || 'delete' in row);
}

const values = fc.record(
  {
    cores: fc.integer({ min: 1, max: 32 }).map(String),
    description: fc.stringMatching(/^[a-z ]{1,20}$/),
    tags: fc.subarray(['a', 'b', 'c'], { minLength: 1 }).map(tags => tags.join(';')),
    onboot: fc.constantFrom('0', '1'),
    memory: fc.integer({ min: 512, max: 4096 }).map(String),
  },
  { requiredKeys: [] },
);

test.each([
  'vm/100',
  'container/200',
] as const)('writing the former values back brings the former digest back (%s)', async resource => {
  const path = guestPath(resource);
  await fc.assert(
    fc.asyncProperty(values, fc.boolean(), async (changes, running) => {
      fc.pre(Object.keys(changes).length > 0);
      place(resource, { running });
      const before = await configOf(path);
      expect((await put(path, { ...changes, digest: before.digest })).status).toBe(200);
      const keys = Object.keys(changes);
      const had = keys.filter(key => before[key] !== undefined);
      const back = Object.fromEntries(had.map(key => [key, String(before[key]).trimEnd()]));
      const remove = keys.filter(key => before[key] === undefined && key !== 'memory');
      const { digest } = await configOf(path);
      await put(path, { ...back, ...(remove.length > 0 && { delete: remove.join() }), digest });
      expect(await configOf(path)).toEqual(before);
      expect(await waiting(path)).toEqual([]);
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 10) },
  );
});

test.each(['scsi0', 'net0'])('%s taken out and put back, with the boot order, is as it was', async key => {
  place('vm/100');
  const before = await configOf(vm);
  await put(vm, { delete: key });
  expect(await configOf(vm)).not.toHaveProperty(key);
  await put(vm, { [key]: before[key], boot: before.boot });
  expect(await configOf(vm)).toEqual(before);
});

test('what waits is tried again with every write, whose answer it then spoils', async () => {
  place('vm/100', { running: true });
  const net0 = String(recorded.guests['vm/100']!['net0']).replace('vmbr0', 'vmbr9');
  expect((await put(vm, { net0 })).status).toBe(400);
  const answer = await put(vm, { description: 'of another' });
  expect([answer.status, Object.keys(answer.json.errors)]).toEqual([400, ['net0']]);
  expect((await configOf(vm)).description).toBe('of another');
});

test('of two writes at once with one digest exactly one wins', async () => {
  place('vm/100');
  const { digest } = await configOf(vm);
  const answers = await Promise.all(['w0', 'w1'].map(description => put(vm, { description, digest })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 500]);
});

test('a VM refused half-way keeps some of its keys pending, and the next write applies them', async () => {
  const left = new Set<number>();
  for (let round = 0; round < 12; round++) {
    place('vm/100');
    const form = { cores: 4, sockets: 2, onboot: 1, scsi5: 'local:9000000' };
    expect((await put(vm, form)).status).toBe(500);
    const rows = await waiting(vm);
    left.add(rows.length);
    await put(vm, { name: 'web' });
    expect(await waiting(vm)).toEqual([]);
    const now = await configOf(vm);
    const applied = ['cores', 'sockets', 'onboot'].filter(
      key => now[key] !== recorded.guests['vm/100']![key],
    );
    expect(applied).toHaveLength(rows.length);
  }
  expect(left.size).toBeGreaterThan(1);
});

test('200 does not mean that the value was taken', async () => {
  place('vm/100', {
    running: true,
    config: { ...recorded.guests['vm/100'], hotplug: 'network,memory', numa: 1, memory: '1024' },
  });
  expect((await put(vm, { memory: 1500 })).status).toBe(200);
  expect((await configOf(vm)).memory).toBe('1024');
  expect(await waiting(vm)).toEqual([]);
});

test('a container refused half-way has its old config, with what it took before still in force', async () => {
  place('container/200', { running: true });
  const before = await configOf(container);
  const net0 = String(before.net0).replace('vmbr0', 'vmbr9');
  const answer = await put(container, { memory: 300, net0 });
  expect(answer.status).toBe(400);
  expect(answer.json.errors).toEqual({ net0: 'unable to hotplug net0: interface vmbr9 does not exist\n' });
  expect(await configOf(container)).toEqual(before);
  expect(lab.sim.truth.inForce(200)).toEqual({ memory: 300 });
});

test('deleting a value that only waits has no effect on a container; revert has', async () => {
  place('container/200', { running: true, pending: { nameserver: '1.1.1.1' } });
  await put(container, { delete: 'nameserver' });
  expect(await waiting(container)).toEqual([{ key: 'nameserver', pending: '1.1.1.1' }]);
  await put(container, { revert: 'nameserver' });
  expect(await waiting(container)).toEqual([]);
});

test('what waits in a container stays through a stop and is applied by a start', async () => {
  place('container/200', { running: true, pending: { nameserver: '1.1.1.1' } });
  await post(`${container}/status/stop`);
  expect(await waiting(container)).toHaveLength(1);
  await put(container, { cores: 2 });
  expect(await waiting(container)).toHaveLength(1);
  await post(`${container}/status/start`);
  expect(await waiting(container)).toEqual([]);
});

test('a write is answered by a line of the cluster log for VMs, and by none for containers', async () => {
  place('vm/100');
  place('container/200');
  const lines = async () => (await lab.rows('/cluster/log?max=500')).length;
  const before = await lines();
  await put(container, { description: 'x' });
  expect(await lines()).toBe(before);
  await put(vm, { description: 'x' });
  expect((await lab.rows('/cluster/log?max=1'))[0]).toMatchObject({
    user: 'root@pam!lab',
    tag: 'pvedaemon',
    pri: 6,
    msg: 'update VM 100: -description x',
  });
});

test('a stopped VM that is rewritten without a MAC gets a new one, and a right of its bridge is needed', async () => {
  place('vm/100');
  const token = 'mcp@pve!p-VM.Config.Network';
  const refused = await put(vm, { net0: 'virtio,bridge=vmbr1' }, token);
  expect(refused.reason).toBe('Permission check failed (/sdn/zones/localnetwork/vmbr1, SDN.Use)');
  await put(vm, { net0: 'virtio,bridge=vmbr1' });
  expect((await configOf(vm)).net0).not.toBe(recorded.guests['vm/100']!['net0']);
});

test('an answer can be lost before and after the write took effect', async () => {
  place('vm/100');
  const fault = { match: `${vm}/config`, method: 'PUT', times: 1 } as const;
  lab.sim.faults.add({ ...fault, kind: 'reset' });
  await expect(put(vm, { description: 'before' })).rejects.toThrow();
  expect((await configOf(vm)).description).toBe('first');
  lab.sim.faults.add({ ...fault, kind: 'reset', acts: true });
  await expect(put(vm, { description: 'after' })).rejects.toThrow();
  expect((await configOf(vm)).description).toBe('after');
});

test('a node that hangs has received the write, and acts on it when it no longer does', async () => {
  lab.sim.world.placeGuest({ vmid: 300, type: 'qemu', node: 'pve2', config: { name: 'far' } });
  lab.sim.world.nodeFrozen('pve2');
  const far = '/nodes/pve2/qemu/300';
  expect((await put(far, { description: 'late' })).status).toBe(596);
  lab.sim.world.nodeFrozen('pve2', false);
  expect((await configOf(far)).description).toBe('late');
});

test('without quorum nothing is written, whatever it is', async () => {
  place('vm/100');
  lab.sim.world.quorumLoss();
  const answers = [
    await put(vm, { description: 'x' }),
    await post(`${vm}/status/start`),
    await post('/pools', { poolid: 'p' }),
  ];
  lab.sim.world.quorumLoss(false);
  for (const { status, reason } of answers) expect(`${status} ${reason}`).toMatch(/^500 .*no quorum/);
  expect((await configOf(vm)).description).toBe('first');
});

test('a task runs, ends late and fails as it was ordered', async () => {
  place('vm/100');
  lab.sim.world.orderTasks({ type: 'qmstart', durationMs: 3_000 });
  const { data: slow } = await post(`${vm}/status/start`);
  expect(await statusOf(slow)).toBeUndefined();
  lab.sim.clock.advance(3_000);
  expect(await statusOf(slow)).toBe('OK');
  lab.sim.world.orderTasks({ type: 'qmshutdown', fail: 'out of luck' });
  const { data: failed } = await post(`${vm}/status/shutdown`);
  expect(await statusOf(failed)).toBe('out of luck');
  expect((await lab.data(`${vm}/status/current`)).status).toBe('running');
});

test('a config written by a task shows the hot-plug problem as its error, and the value waits', async () => {
  place('vm/100', { running: true });
  const net0 = String(recorded.guests['vm/100']!['net0']).replace('vmbr0', 'vmbr9');
  const { data: upid } = await post(`${vm}/config`, { net0, cores: 3 });
  expect(await statusOf(upid)).toBe(
    '400 Parameter verification failed. net0: hotplug problem - interface vmbr9 does not exist',
  );
  expect((await waiting(vm)).length).toBe(2);
});

test('a guest under high availability is only asked for: it starts when the manager acts', async () => {
  place('vm/100');
  await post('/cluster/ha/resources', { sid: 'vm:100', state: 'stopped' });
  lab.sim.world.orderTasks({ type: 'hastart', durationMs: 20_000 });
  const { data: upid } = await post(`${vm}/status/start`);
  expect(await statusOf(upid)).toBe('OK');
  expect((await lab.data(`${vm}/status/current`)).status).toBe('stopped');
  lab.sim.clock.advance(20_000);
  expect((await lab.data(`${vm}/status/current`)).status).toBe('running');
});

test('a running guest moves live or not at all', async () => {
  place('vm/100', { running: true });
  const cold = await post(`${vm}/migrate`, { target: 'pve2' });
  expect(`${cold.status} ${cold.reason}`).toBe("500 can't migrate running VM without --online");
  const here = await post(`${vm}/migrate`, { target: 'pve1', online: 1 });
  expect(here.json.errors).toEqual({ target: 'target is local node.' });
  const { data: upid } = await post(`${vm}/migrate`, { target: 'pve2', online: 1 });
  expect(await statusOf(upid)).toBe('OK');
  expect((await configOf('/nodes/pve2/qemu/100')).name).toBe('web');
});
