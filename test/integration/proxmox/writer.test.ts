import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createProxmoxWriter,
  type Operation,
  type ProxmoxWriter,
  rightsFor,
} from '../../../src/proxmox/operations/index.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts';
import { plantSecret } from '../../support/canary.ts';
import { recorded } from '../../support/recorded-writes.ts';

let sim: Simulator;
let url: string;
let token: string;
let writer: ProxmoxWriter;

beforeAll(async () => {
  sim = await createSimulator({ nodes: 3, guests: 0 });
  ({ url } = await sim.start());
});
afterAll(() => sim.stop());

const privs = [
  'VM.Config.Options',
  'VM.Config.Memory',
  'VM.Config.Network',
  'SDN.Use',
  'VM.PowerMgmt',
  'VM.Snapshot',
  'VM.Migrate',
];

/** The guests as they were recorded, without anything a write before left. */
function place(): void {
  for (const [resource, type, running] of [
    ['vm/100', 'qemu', false],
    ['vm/101', 'qemu', true],
    ['container/200', 'lxc', false],
  ] as const)
    sim.world.placeGuest({
      vmid: Number(resource.split('/')[1]),
      type,
      running,
      config: recorded.guests[resource]!,
    });
}

beforeEach(() => {
  sim.faults.clear();
  sim.requests.reset();
  token = sim.world.addToken('mcp@pve!write', [{ path: '/', privs }]);
  plantSecret(token);
  writer = createProxmoxWriter({ url, token, tls: { ca: sim.caPem } });
  place();
  return () => writer.close();
});

const vm = { type: 'vm', vmid: 100, node: 'pve1' } as const;
const running = { type: 'vm', vmid: 101, node: 'pve1' } as const;
const container = { type: 'container', vmid: 200, node: 'pve1' } as const;

function digestOf(vmid: number): string {
  return sim.truth.digest(vmid);
}

function edit(
  guest: typeof vm | typeof running | typeof container,
  set: Record<string, string>,
  remove: string[] = [],
): Operation {
  return { kind: 'config', guest, set, remove, digest: digestOf(guest.vmid) };
}

const writes = () => sim.requests.list.filter(({ method }) => method !== 'GET');
const description = (vmid: number) =>
  sim.truth.state().guests[vmid === 200 ? 'container/200' : `vm/${vmid}`]!.config['description'];

test('writes a config of either type in one request, by the token that may', async () => {
  expect(await writer.send('1', edit(vm, { description: 'new' }, ['tags']))).toEqual({ kind: 'written' });
  expect(await writer.send('2', edit(container, { description: 'new' }))).toEqual({ kind: 'written' });
  expect([description(100), description(200)]).toEqual(['new', 'new\n']);
  expect(writes()).toHaveLength(2);
  expect(writes()[0]!.account).toBe('mcp@pve!write');
});

test('what may plug something, power, snapshots and moves are tasks', async () => {
  const operations: Operation[] = [
    edit(vm, { memory: '1024' }),
    { kind: 'power', guest: vm, action: 'start' },
    { kind: 'migrate', guest: vm, target: 'pve2', live: true },
    { kind: 'snapshot', guest: container, name: 'before' },
  ];
  for (const [index, operation] of operations.entries())
    expect(await writer.send(String(index), operation)).toMatchObject({
      kind: 'task',
      upid: expect.stringMatching(/^UPID:pve1:/),
    });
  expect(sim.truth.state().guests['vm/100']).toMatchObject({ status: 'running', node: 'pve2' });
});

test.each([
  [
    'another digest',
    'digest-moved',
    () => ({ ...edit(vm, { description: 'x' }), digest: 'a'.repeat(40) }) as Operation,
  ],
  [
    'a lock',
    'locked',
    () => {
      sim.world.setLock(100, 'backup');
      return edit(vm, { description: 'x' });
    },
  ],
  [
    'a lock of a container',
    'locked',
    () => {
      sim.world.setLock(200, 'backup');
      return edit(container, { description: 'x' });
    },
  ],
  [
    'another call at work',
    'busy',
    () => {
      sim.world.holdConfig(100);
      return edit(vm, { description: 'x' });
    },
  ],
  ['a missing right', 'forbidden', () => edit(vm, { cores: '2' })],
  [
    'a revoked token',
    'unauthorized',
    () => {
      sim.world.revokeToken('mcp@pve!write');
      return edit(vm, { description: 'x' });
    },
  ],
  [
    'a guest that is gone',
    'missing',
    () => ({ ...edit(vm, { description: 'x' }), guest: { ...vm, vmid: 999 } }) as Operation,
  ],
  ['a value that is none', 'invalid', () => edit(vm, { onboot: 'yes' })],
  [
    'a container that is stopped already',
    'power',
    () => ({ kind: 'power', guest: container, action: 'shutdown' }) as Operation,
  ],
])('%s is a refusal of its own kind, and leaves the guest as it was', async (_, code, make) => {
  const operation = make();
  expect(await writer.send('1', operation)).toMatchObject({ kind: 'refused', refusal: { code } });
  expect(description(100)).toBe('first');
  expect(writes()).toHaveLength(1);
});

test('an operation needs exactly the rights it is said to need', async () => {
  const net0 = String(recorded.guests['vm/100']!['net0']).replace('vmbr0', 'vmbr1');
  const operations: (() => Operation)[] = [
    ...['tags', 'description', 'agent', 'name', 'cpu'].map(key => () => edit(vm, { [key]: 'x' })),
    ...[
      'onboot',
      'protection',
      'cores',
      'sockets',
      'cpulimit',
      'cpuunits',
      'vcpus',
      'numa',
      'balloon',
      'shares',
    ].map(key => () => edit(vm, { [key]: '1' })),
    () => edit(vm, { memory: '1024', cores: '2' }, ['tags']),
    () => edit(vm, { net0 }),
    ...['hostname', 'description', 'tags'].map(key => () => edit(container, { [key]: 'x' })),
    () => edit(container, { startup: 'order=1', onboot: '1', protection: '1' }),
    () => edit(container, { memory: '300', swap: '64', cores: '2', cpulimit: '1', cpuunits: '50' }),
    () =>
      edit(container, { net0: String(recorded.guests['container/200']!['net0']).replace('vmbr0', 'vmbr1') }),
    () => ({ kind: 'power', guest: vm, action: 'start' }),
    () => ({ kind: 'migrate', guest: container, target: 'pve2', live: false }),
    () => ({ kind: 'snapshot', guest: vm, name: 'before' }),
  ];
  let sent = 0;
  for (const make of operations) {
    const needed = rightsFor(make());
    expect(needed.length).toBeGreaterThan(0);
    for (const left of [...needed, undefined]) {
      place();
      const rights = needed.filter(right => right !== left);
      const acl = [...new Set(rights.map(({ path }) => path))].map(path => ({
        path,
        privs: rights.filter(right => right.path === path).map(({ privilege }) => privilege),
      }));
      sim.world.setRights('mcp@pve!write', acl);
      const outcome = await writer.send(String(++sent), make());
      if (left === undefined) expect([make(), outcome.kind]).not.toContain('refused');
      else
        expect(outcome).toMatchObject({
          kind: 'refused',
          refusal: { code: 'forbidden', says: expect.stringContaining(left.privilege) },
        });
    }
  }
});

test('without quorum nothing is written', async () => {
  const operation = edit(vm, { description: 'x' });
  sim.world.quorumLoss();
  const outcome = await writer.send('1', operation);
  sim.world.quorumLoss(false);
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'no-quorum', leaves: 'nothing' } });
});

test('a write that was delivered but not answered is unknown, whether it took effect or not', async () => {
  const lost = [
    { kind: 'reset' },
    { kind: 'status', status: 596, reason: 'Connection timed out' },
    { kind: 'status', status: 504, reason: 'Gateway Timeout' },
    { kind: 'truncate' },
    { kind: 'html' },
    { kind: 'redirect' },
    { kind: 'nulldata', method: 'POST' },
  ] as const;
  for (const [index, fault] of lost.entries()) {
    for (const acts of [true, undefined]) {
      const text = `${index} ${acts}`;
      const method = 'method' in fault ? 'POST' : 'PUT';
      const operation: Operation =
        method === 'PUT'
          ? edit(vm, { description: text })
          : { kind: 'snapshot', guest: vm, name: `s${text.replace(' ', '')}` };
      sim.requests.reset();
      sim.faults.clear();
      sim.faults.add({ match: /^\/nodes/, times: 1, ...fault, method, ...(acts && { acts }) });
      expect([text, (await writer.send(text, operation)).kind]).toEqual([text, 'unknown']);
      expect(writes()).toHaveLength(1);
      if (method === 'PUT' && fault.kind !== 'truncate')
        expect(description(100) === text).toBe(acts === true);
    }
  }
});

test('an answer that takes too long is unknown, and nothing is sent again', async () => {
  const impatient = createProxmoxWriter({ url, token, tls: { ca: sim.caPem }, timeoutMs: 300 });
  sim.faults.add({ match: /config$/, method: 'PUT', kind: 'slow', delayMs: 1_500, acts: true });
  expect(await impatient.send('1', edit(vm, { description: 'slow' }))).toMatchObject({ kind: 'unknown' });
  expect(description(100)).toBe('slow');
  expect(writes()).toHaveLength(1);
  impatient.close();
});

test('a write that cannot have arrived was not sent', async () => {
  const operation = edit(vm, { description: 'x' });
  const nowhere = createProxmoxWriter({ url: 'https://127.0.0.1:1', token, tls: { ca: sim.caPem } });
  expect(await nowhere.send('1', operation)).toMatchObject({ kind: 'not-sent' });
  const distrusting = createProxmoxWriter({ url, token, tls: {} });
  expect(await distrusting.send('1', operation)).toMatchObject({ kind: 'not-sent' });
  sim.world.nodeDown('pve2');
  const far = { ...operation, guest: { ...vm, node: 'pve2' } } as Operation;
  expect(await writer.send('1', far)).toMatchObject({ kind: 'not-sent' });
  sim.world.nodeUp('pve2');
  expect(await writer.send('2', { ...operation, guest: { ...vm, node: 'pve9' } } as Operation)).toMatchObject(
    { kind: 'not-sent' },
  );
  expect(description(100)).toBe('first');
  nowhere.close();
  distrusting.close();
});

test('an operation is sent once, whatever became of it', async () => {
  sim.faults.add({ match: /config$/, method: 'PUT', kind: 'reset', times: 1 });
  const operation = edit(vm, { description: 'once' });
  expect((await writer.send('1', operation)).kind).toBe('unknown');
  await expect(writer.send('1', operation)).rejects.toThrow(/never sent twice/);
  expect(writes()).toHaveLength(1);
});

test('what must never be written is not sent', async () => {
  const bad: Operation[] = [
    edit(vm, { protection: '0' }),
    edit(vm, {}, ['protection']),
    edit(vm, { description: '**********' }),
    edit(vm, { net0: 'virtio,bridge=vmbr0' }),
    edit(vm, { scsi0: 'local:8' }),
    edit(vm, {}, ['net0']),
  ];
  for (const operation of bad) await expect(writer.send('1', operation)).rejects.toThrow();
  expect(writes()).toEqual([]);
});

test('a card whose hot-plug fails is refused with its value left pending, which revert takes back', async () => {
  const before = digestOf(101);
  const net0 = String(recorded.guests['vm/101']!['net0']).replace('vmbr0', 'vmbr9');
  const outcome = await writer.send('1', edit(running, { net0 }));
  expect(outcome.kind).toBe('task');
  expect(digestOf(101)).not.toBe(before);
  const revert: Operation = { kind: 'revert', guest: running, keys: ['net0'], digest: digestOf(101) };
  expect(await writer.send('2', revert)).toEqual({ kind: 'written' });
  expect(digestOf(101)).toBe(before);
});

test('no outcome holds the secret, though what refuses us may repeat it', async () => {
  const secret = token.split('=')[1]!;
  sim.faults.add({
    match: /config$/,
    method: 'PUT',
    kind: 'status',
    status: 500,
    reason: `no ${secret}`,
    body: JSON.stringify({ errors: { a: secret } }),
  });
  const outcome = await writer.send('1', edit(vm, { description: 'x' }));
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'failed', leaves: 'perhaps' } });
  expect(JSON.stringify(outcome)).not.toContain(secret);
});
