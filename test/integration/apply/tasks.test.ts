import { beforeEach, expect, test } from 'vitest';
import type { FieldStep } from '../../../src/apply/compose.ts';
import { composeTask } from '../../../src/apply/compose-task.ts';
import { isBusy, readFacts } from '../../../src/apply/reread.ts';
import { nextTakeBack } from '../../../src/apply/take-back.ts';
import { decideOutcome, SETTLED_MS, type SentOperation } from '../../../src/apply/verdict.ts';
import { endpoints } from '../../../src/proxmox/index.ts';
import { type GuestAddress, taskRefusal } from '../../../src/proxmox/operations/index.ts';
import type { Fault } from '../../../src/simulator/index.ts';
import { garbage } from '../../support/given.ts';
import { recorded } from '../../support/recorded-writes.ts';
import { placeRecorded, WRITE_TOKEN, writeCluster } from '../../support/write-cluster.ts';

const stopped: GuestAddress = { type: 'vm', vmid: 100, node: 'pve1' };
const running: GuestAddress = { type: 'vm', vmid: 101, node: 'pve1' };
const container: GuestAddress = { type: 'container', vmid: 200, node: 'pve1' };

const cluster = writeCluster(['VM.PowerMgmt', 'VM.Migrate', 'VM.Snapshot']);
let operations = 0;

beforeEach(() => placeRecorded(cluster.sim, { 'vm/100': false, 'vm/101': true, 'container/200': false }));

async function look(guest: GuestAddress, step: FieldStep, later = 0) {
  const nodes = step.path === 'node' ? [String(step.to), guest.node] : [guest.node];
  const busy = await isBusy(cluster.reader, guest, WRITE_TOKEN);
  return readFacts(cluster.reader, guest, nodes, {
    now: cluster.sim.clock.now() + later,
    busy,
    fields: [step.path],
  });
}

/** Sends the operation of a step and gives what judges it, at any later time. */
async function begin(guest: GuestAddress, step: FieldStep, fault?: Omit<Fault, 'match'>) {
  const before = await look(guest, step);
  const composed = composeTask(guest, step, before!);
  if (composed.kind !== 'operation') throw new Error(composed.kind);
  if (fault !== undefined) cluster.sim.faults.add({ match: /^\/nodes/, method: 'POST', times: 1, ...fault });
  const sentAt = cluster.sim.clock.now();
  const outcome = await cluster.writer.send(String(++operations), composed.operation);
  return async ({ managed = false, later = 0 } = {}) => {
    const rows = await cluster.reader.get(endpoints.tasks.ofNode, { node: guest.node }, { vmid: guest.vmid });
    const end = outcome.kind === 'task' ? rows.find(row => row.upid === outcome.upid)?.status : undefined;
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
      managed,
      takenBack: false,
    };
    const reading = await look(guest, step, later);
    const left = { guest, wanted: composed.wanted, digestAfter: '' };
    expect(nextTakeBack(left, reading!)).toBeNull();
    return decideOutcome(sent, reading);
  };
}

const start = { path: 'status', from: 'stopped', to: 'running' };
const shutDown = { path: 'status', from: 'running', to: 'stopped' };
const move = { path: 'node', from: 'pve1', to: 'pve2' };
const snapshot = { path: 'snapshots', from: null, to: 'before' };

test.each([
  ['a start', stopped, start],
  ['a start of a container', container, start],
  ['a shutdown', running, shutDown],
  ['a move of a running VM', running, move],
  ['a move of a stopped container', container, move],
  ['a snapshot', running, snapshot],
  ['a snapshot of a container', container, snapshot],
] as const)('%s is verified at the guest', async (_, guest, step) => {
  const settle = await begin(guest, step);
  expect((await settle()).state).toBe('verified');
});

test.each([
  ['a start', stopped, start],
  ['a move', running, move],
  ['a snapshot', container, snapshot],
] as const)('%s whose answer was lost is verified if it happened, and failed after 35 s if not', async (_, guest, step) => {
  const happened = await begin(guest, step, { kind: 'reset', acts: true });
  expect((await happened()).state).toBe('verified');
  cluster.sim.world.placeGuest({
    vmid: guest.vmid,
    type: guest.type === 'vm' ? 'qemu' : 'lxc',
    node: 'pve1',
    running: guest === running,
    config: recorded.guests[`${guest.type}/${guest.vmid}`]!,
  });
  const lost = await begin(guest, step, { kind: 'reset' });
  expect((await lost()).state).toBe('unknown');
  expect((await lost({ later: SETTLED_MS })).state).toBe('failed');
});

test.each([
  ['a guest that ignores its shutdown', running, shutDown, () => cluster.sim.world.ignoreShutdown(101)],
  ['a lock', stopped, start, () => cluster.sim.world.setLock(100, 'backup')],
  [
    'a task that fails',
    stopped,
    snapshot,
    () => cluster.sim.world.orderTasks({ type: 'qmsnapshot', fail: 'no space' }),
  ],
  ['a target that is down', running, move, () => cluster.sim.world.nodeDown('pve2')],
] as const)('a step has failed that meets %s', async (_, guest, step, prepare) => {
  prepare();
  const settle = await begin(guest, step);
  cluster.sim.clock.advance(90_000);
  expect((await settle()).state).toBe('failed');
  cluster.sim.world.nodeUp('pve2');
});

test('nothing is said while the task runs', async () => {
  cluster.sim.world.orderTasks({ type: 'qmstart', durationMs: 60_000 });
  const settle = await begin(stopped, start);
  cluster.sim.clock.advance(40_000);
  expect((await settle()).state).toBe('unknown');
  cluster.sim.clock.advance(20_000);
  expect((await settle()).state).toBe('verified');
});

test('a snapshot that is being made is not taken yet', async () => {
  cluster.sim.world.orderTasks({ type: 'qmsnapshot', durationMs: 60_000 });
  const settle = await begin(running, snapshot);
  expect((await settle({ later: SETTLED_MS })).state).toBe('unknown');
  cluster.sim.clock.advance(60_000);
  expect((await settle()).state).toBe('verified');
});

test('under high availability the task ends before the manager acts: unknown until it has', async () => {
  cluster.sim.world.setHa(100, 'stopped');
  cluster.sim.world.orderTasks({ type: 'hastart', durationMs: 90_000 });
  const settle = await begin(stopped, start);
  cluster.sim.clock.advance(60_000);
  expect((await settle({ managed: true })).state).toBe('unknown');
  cluster.sim.clock.advance(30_000);
  expect((await settle({ managed: true })).state).toBe('verified');
  cluster.sim.world.setHa(100, null);
});

test('a guest that is as wanted, or otherwise than the plan rests on, is sent nothing', async () => {
  const reading = (await look(running, start))!;
  expect(composeTask(running, start, reading)).toEqual({ kind: 'nothing' });
  const from = { ...shutDown, from: 'paused' };
  expect(composeTask(running, from, reading)).toMatchObject({ kind: 'moved', moved: [{ now: 'running' }] });
  for (const step of [
    { path: 'status', from: 'running', to: 'paused' },
    { path: 'pool', from: null, to: 'x' },
  ])
    expect(() =>
      composeTask(running, step, { ...reading, values: { ...reading.values, pool: garbage(undefined) } }),
    ).toThrow();
  cluster.sim.world.loseGuest(101);
  expect(await look(running, start)).toMatchObject({ sameGuest: false });
});
