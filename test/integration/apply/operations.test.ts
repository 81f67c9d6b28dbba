import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { composeConfig, type FieldStep } from '../../../src/apply/compose.ts';
import { isBusy, readGuest } from '../../../src/apply/reread.ts';
import type { Reading } from '../../../src/apply/standing.ts';
import { nextTakeBack } from '../../../src/apply/take-back.ts';
import { decideOutcome, SETTLED_MS, type SentOperation, type Verdict } from '../../../src/apply/verdict.ts';
import { endpoints } from '../../../src/proxmox/index.ts';
import { type GuestAddress, taskRefusal } from '../../../src/proxmox/operations/index.ts';
import type { Fault } from '../../../src/simulator/index.ts';
import { recorded } from '../../support/recorded-writes.ts';
import { placeRecorded, WRITE_TOKEN, writeCluster } from '../../support/write-cluster.ts';

const privs = ['Options', 'Memory', 'Network', 'CPU'].map(kind => `VM.Config.${kind}`);
const vm: GuestAddress = { type: 'vm', vmid: 100, node: 'pve1' };
const running: GuestAddress = { type: 'vm', vmid: 101, node: 'pve1' };
const container: GuestAddress = { type: 'container', vmid: 201, node: 'pve1' };

const cluster = writeCluster([...privs, 'SDN.Use']);
let operations = 0;

/** Guests as they were recorded, without anything a test before left. */
function place(): void {
  placeRecorded(cluster.sim, { 'vm/100': false, 'vm/101': true, 'container/201': true });
  cluster.sim.requests.reset();
}
beforeEach(place);

async function look({ guest, later = 0 }: { guest: GuestAddress; later?: number }): Promise<Reading> {
  const busy = await isBusy(cluster.reader, guest, WRITE_TOKEN);
  const facts = { now: cluster.sim.clock.now() + later, busy };
  const read = await readGuest(cluster.reader, guest, { uuid: null }, facts);
  if (read === undefined) throw new Error('could not be read');
  return read;
}

/** One operation from its reading to its verdict, and (`takeBack`) what is left of it taken back. */
async function carryOut(
  guest: GuestAddress,
  steps: FieldStep[],
  {
    fault,
    between,
    later,
    takeBack,
  }: { fault?: Omit<Fault, 'match'>; between?: () => void; later?: number; takeBack?: true } = {},
): Promise<Verdict> {
  const composed = composeConfig(guest, steps, await look({ guest }));
  if (composed.kind !== 'operation') throw new Error(composed.kind);
  between?.();
  if (fault !== undefined) cluster.sim.faults.add({ match: /\/config$/, times: 1, ...fault });
  const sentAt = cluster.sim.clock.now();
  const outcome = await cluster.writer.send(String(++operations), composed.operation);
  const end = outcome.kind === 'task' ? await taskEnd(outcome.upid) : undefined;
  const task =
    end === undefined
      ? undefined
      : { ended: true as const, refusal: end === 'OK' ? null : taskRefusal(composed.operation, end) };
  const sent: SentOperation = {
    type: guest.type,
    wanted: composed.wanted,
    sentAt,
    outcome,
    task,
    managed: false,
    takenBack: false,
  };
  let read = await look({ guest, later: later ?? 0 });
  if (!takeBack) return decideOutcome(sent, read);
  const digestAfter = read.digest;
  for (let round = 0; round < 3; round++) {
    const back = nextTakeBack({ guest, wanted: composed.wanted, digestAfter }, read);
    if (back === null) break;
    await cluster.writer.send(String(++operations), back);
    read = await look({ guest });
  }
  return decideOutcome({ ...sent, takenBack: true }, read);
}

async function taskEnd(upid: string): Promise<string> {
  const rows = await cluster.reader.get(
    endpoints.tasks.ofNode,
    { node: 'pve1' },
    { vmid: upid.split(':')[6]! },
  );
  return String(rows.find(row => row.upid === upid)?.status);
}

const more = { path: 'config.memory', from: 512, to: 1024 };
const note = { path: 'config.description', from: 'first', to: 'second' };
const writes = () => cluster.sim.requests.list.filter(({ method }) => method !== 'GET');

test('a stopped VM has what was wanted, and a running one after its restart', async () => {
  expect((await carryOut(vm, [more, note])).state).toBe('verified');
  expect((await carryOut(running, [more])).state).toBe('pending');
  expect((await carryOut(container, [{ path: 'config.memory', from: 256, to: 300 }])).state).toBe('verified');
});

test('a step takes four requests, its guest read before and after', async () => {
  await carryOut(vm, [more]);
  // The two looks for running tasks are only needed where no answer came.
  const needed = cluster.sim.requests.list.filter(({ query }) => query['source'] !== 'active');
  expect(needed.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /nodes/pve1/qemu/100/pending',
    'POST /nodes/pve1/qemu/100/config',
    'GET /nodes/pve1/tasks',
    'GET /nodes/pve1/qemu/100/pending',
  ]);
});

test.each([
  ['no answer, and it took effect', { kind: 'reset', acts: true } as const, 0, 'verified'],
  ['no answer, and it did not', { kind: 'reset' } as const, 0, 'unknown'],
  ['no answer, and after 35 s it did not', { kind: 'reset' } as const, SETTLED_MS, 'failed'],
  ['596, and it took effect', { kind: 'status', status: 596, acts: true } as const, 0, 'verified'],
  ['596, and after 35 s it did not', { kind: 'status', status: 596 } as const, SETTLED_MS, 'failed'],
  ['a proxy’s page, and it took effect', { kind: 'html', acts: true } as const, 0, 'verified'],
])('a write with $0 is $3', async (_, fault, later, state) => {
  const verdict = await carryOut(vm, [note], { fault: { ...fault, method: 'PUT' }, later });
  expect(verdict.state).toBe(state);
  expect(writes()).toHaveLength(1);
});

test.each([
  ['a foreign edit between reading and writing', () => cluster.sim.world.editConfig(100, { cores: 9 })],
  ['a lock', () => cluster.sim.world.setLock(100, 'backup')],
  ['a lost right', () => cluster.sim.world.setRights(WRITE_TOKEN, [])],
  ['quorum lost', () => cluster.sim.world.quorumLoss()],
  ['a node that is down', () => cluster.sim.world.nodeDown('pve1')],
])('%s fails or is not sent, and is the cause of nothing', async (what, between) => {
  const done = carryOut(vm, [note], { between }).finally(() => {
    cluster.sim.world.quorumLoss(false);
    cluster.sim.world.nodeUp('pve1');
    cluster.sim.world.setRights(WRITE_TOKEN, [{ path: '/', privs: [...privs, 'SDN.Use'] }]);
  });
  // A node that is down cannot be read either: nothing is said then.
  if (what === 'a node that is down') return expect(done).rejects.toThrow();
  expect(await done).toMatchObject({ state: 'failed' });
  expect(cluster.sim.truth.state().guests['vm/100']!.config['description']).toBe('first');
});

test('a card that cannot be plugged fails, and what waits of it is taken back', async () => {
  const before = cluster.sim.truth.digest(101);
  const step = { path: 'config.net0.bridge', from: 'vmbr0', to: 'vmbr9' };
  expect((await carryOut(running, [step, more])).state).toBe('failed');
  expect(cluster.sim.truth.digest(101)).not.toBe(before);
  place();
  expect((await carryOut(running, [step, more], { takeBack: true })).state).toBe('reverted');
  expect(cluster.sim.truth.digest(101)).toBe(before);
});

test('another value stored than sent fails, and is put back', async () => {
  const config = { ...recorded.guests['vm/101'], hotplug: 'network,memory', numa: 1, memory: '1024' };
  cluster.sim.world.placeGuest({ vmid: 101, type: 'qemu', config, running: true });
  const before = cluster.sim.truth.digest(101);
  const step = { path: 'config.memory', from: 1024, to: 1700 };
  expect((await carryOut(running, [step])).state).toBe('failed');
  expect(cluster.sim.truth.state().guests['vm/101']!.config['memory']).toBe('1536');
  cluster.sim.world.placeGuest({ vmid: 101, type: 'qemu', config, running: true });
  expect((await carryOut(running, [step], { takeBack: true })).state).toBe('reverted');
  expect(cluster.sim.truth.digest(101)).toBe(before);
});

test('a container whose hot-plug fails has its old config, and says that what is in force differs', async () => {
  const steps = [
    { path: 'config.memory', from: 256, to: 300 },
    { path: 'config.net0.bridge', from: 'vmbr0', to: 'vmbr9' },
  ];
  expect(await carryOut(container, steps)).toMatchObject({ state: 'failed', liveDiffers: true });
  expect(cluster.sim.truth.inForce(201)).toEqual({ memory: 300 });
});

test('a guest that moved, or another that has its VMID, is not judged by what is read there', async () => {
  const composed = composeConfig(vm, [note], await look({ guest: vm }));
  if (composed.kind !== 'operation') throw new Error(composed.kind);
  const outcome = await cluster.writer.send(String(++operations), composed.operation);
  const sent = {
    type: 'vm',
    wanted: composed.wanted,
    sentAt: 0,
    outcome,
    managed: false,
    takenBack: false,
  } as const;
  cluster.sim.world.migrate(100, 'pve2');
  expect(decideOutcome(sent, await look({ guest: vm })).state).toBe('unknown');
  const there = await look({ guest: { ...vm, node: 'pve2' } });
  expect(decideOutcome(sent, there).state).toBe('verified');
  const uuid = { uuid: 'another' };
  const other = await readGuest(cluster.reader, { ...vm, node: 'pve2' }, uuid, { now: 0, busy: false });
  expect(decideOutcome(sent, other).state).toBe('unknown');
});

const fields = fc.uniqueArray(
  fc.constantFrom('memory', 'cores', 'onboot', 'description', 'tags', 'net0.tag', 'net0.bridge', 'cpulimit'),
  { minLength: 1, maxLength: 4 },
);
const faults = fc.constantFrom<Omit<Fault, 'match'> | undefined>(
  undefined,
  { kind: 'reset', acts: true },
  { kind: 'reset' },
  { kind: 'status', status: 596, acts: true },
  { kind: 'status', status: 596 },
);

/** What each field had in the recorded guests, where that is no plain key, and what it is to have. */
const FORMER: Record<string, FieldStep['from']> = { 'net0.bridge': 'vmbr0', 'net0.tag': null };
const WANTED: Record<string, FieldStep['to']> = {
  memory: 1024,
  cores: 3,
  onboot: 1,
  description: 'x',
  tags: ['n'],
  'net0.tag': 30,
  'net0.bridge': 'vmbr9',
  cpulimit: 2,
};

function stepTo(path: string, { values }: Reading): FieldStep {
  if (path === 'tags')
    return { path, from: (values['tags'] ?? '').split(';').filter(Boolean), to: WANTED[path]! };
  const from = path in FORMER ? FORMER[path]! : (values[path] ?? null);
  return { path: `config.${path}`, from, to: WANTED[path]! };
}

test('whatever becomes of an operation, taking it back gives the former configuration', async () => {
  await fc.assert(
    fc.asyncProperty(fields, fc.constantFrom(vm, running), faults, async (paths, guest, fault) => {
      place();
      const before = cluster.sim.truth.digest(guest.vmid);
      const read = await look({ guest });
      const steps = paths.map(path => stepTo(path, read));
      const sentFault = fault && {
        ...fault,
        method: steps.some(({ path }) => /memory|net0/.test(path)) ? 'POST' : 'PUT',
      };
      const verdict = await carryOut(guest, steps, {
        ...(sentFault && { fault: sentFault }),
        takeBack: true,
      });
      expect(verdict.state).toBe('reverted');
      expect(cluster.sim.truth.digest(guest.vmid)).toBe(before);
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 8) },
  );
});
