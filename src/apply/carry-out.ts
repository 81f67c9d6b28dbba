import { describeError, UsageError } from '../errors.ts';
import type { OperationEntity, OperationNews, WantedValue } from '../model/operation.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { JsonObject } from '../model/state.ts';
import type { Lease } from '../model/store.ts';
import type { Operation, WriteOutcome } from '../proxmox/operations/index.ts';
import { lookAgain, taskEndOf } from './look.ts';
import { REREAD_AFTER_MS } from './order.ts';
import type { ApplyPorts, Connection } from './ports.ts';
import { addressOf, newsOf, sentOf } from './sent.ts';
import type { Reading } from './standing.ts';
import { judge, type TaskEnd } from './verdict.ts';
import type { GuestWork } from './work.ts';

/** What the writes of one plan share. */
export interface Writing {
  ports: ApplyPorts;
  lease: Lease;
  connection: Connection;
  plan: PlanEntity;
  asker: string;
  why: string | null;
  /** Writes of this plan so far. */
  count: number;
}

/** One write, composed from a reading just before. */
export interface Write {
  work: GuestWork;
  operation: Operation;
  wanted: WantedValue[];
  paths: string[];
  /** Of a VM, its uuid as it was read. */
  uuid: string | null;
  /** The manager of high availability has the guest. */
  managed: boolean;
  takesBack: string | null;
}

/** Longer between recording and sending, and others may have judged it by then: it is not sent any more (ms). */
const TOO_LATE_MS = 10_000;
/** How long a task is waited for, by the kind of its operation (ms). What is at work after that is `unknown`. */
const TASK_WAITS_MS: { readonly [kind in Operation['kind']]: number } = {
  config: 90_000,
  revert: 90_000,
  power: 240_000,
  migrate: 900_000,
  snapshot: 900_000,
};
/** Between looks at a task: at first, and at most (ms). */
const POLL_MS = [100, 2_000] as const;
/** How long the manager of high availability is waited for, and between looks (ms). */
const MANAGER_WAITS_MS = 120_000;
const MANAGER_LOOKS_MS = 5_000;

/**
 * Records a write, sends it once, waits for its task and reads its guest again. What became of it is in the answer and in
 * the store.
 * @throws what kept it from being recorded: nothing was sent then
 */
export async function carryOut(writing: Writing, write: Write): Promise<OperationEntity> {
  const { ports, lease } = writing;
  const began = { wall: ports.clusterNow(), elapsed: performance.now() };
  const entity = entityOf(writing, write, began.wall);
  await ports.store.recordOperation(lease, entity, ports.now());
  const late = Math.max(ports.clusterNow() - began.wall, performance.now() - began.elapsed) > TOO_LATE_MS;
  const outcome: WriteOutcome = late
    ? { kind: 'not-sent', why: 'recording it took too long' }
    : await send(writing, entity, write.operation);
  const upid = outcome.kind === 'task' ? outcome.upid : null;
  await note(writing, entity, { outcome: outcome as unknown as JsonObject, upid });
  const task = upid === null ? undefined : await waitForTask(writing, entity, upid);
  if (task?.ended) await note(writing, entity, { taskEnd: task as unknown as JsonObject });
  await settleNow(writing, entity, task);
  return entity;
}

function entityOf(writing: Writing, write: Write, sentAt: number): OperationEntity {
  const { operation, work } = write;
  return {
    id: `${writing.plan.id}.${++writing.count}`,
    plan: writing.plan.id,
    resource: work.resource,
    incarnation: work.incarnation,
    node: operation.guest.node,
    kind: operation.kind,
    takesBack: write.takesBack,
    paths: write.paths,
    sent: operation as unknown as JsonObject,
    wanted: write.wanted,
    uuid: write.uuid,
    managed: write.managed && (operation.kind === 'power' || operation.kind === 'migrate'),
    sentAt,
    outcome: null,
    upid: null,
    taskEnd: null,
    state: 'sent',
    standings: {},
    digestAfter: null,
    liveDiffers: false,
    mayBeCause: true,
    judgedAt: null,
    identity: writing.connection.writer.identity,
    asker: writing.asker,
    why: writing.why,
  };
}

/** What is never to be written is refused before anything goes out. */
async function send(writing: Writing, { id }: OperationEntity, operation: Operation): Promise<WriteOutcome> {
  try {
    return await writing.connection.writer.send(id, operation);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: 'not-sent', why: error.message };
  }
}

/** Keeps what is known since. Where that fails the next start finds it out by reading. */
export async function note(writing: Writing, entity: OperationEntity, news: OperationNews): Promise<void> {
  Object.assign(entity, news);
  try {
    await writing.ports.store.noteOperation(writing.lease, entity.id, news);
  } catch (error) {
    writing.ports.log.warn('what became of a write is not kept yet', { error: describeError(error) });
  }
}

async function waitForTask(
  { ports, connection }: Writing,
  entity: OperationEntity,
  upid: string,
): Promise<TaskEnd | undefined> {
  const until = ports.clusterNow() + TASK_WAITS_MS[entity.kind];
  for (let pause: number = POLL_MS[0]; ; pause = Math.min(pause * 2, POLL_MS[1])) {
    const end = await taskEndOf(entity, upid, connection.reader);
    if (end?.ended || ports.clusterNow() >= until) return end;
    await ports.wait(pause);
  }
}

/** Judges an operation by reading, and once more a little later where that tells nothing. */
async function settleNow(
  writing: Writing,
  entity: OperationEntity,
  task: TaskEnd | undefined,
): Promise<void> {
  const { ports } = writing;
  const until = ports.clusterNow() + MANAGER_WAITS_MS;
  for (let again = 0; ; again++) {
    const reading = await judgeOnce(writing, entity, task);
    // It may be on another node by now.
    if (reading?.sameGuest === false) await ports.refresh([]);
    if (entity.state !== 'unknown' && entity.state !== 'sent') return;
    const waits = entity.managed && task?.ended === true;
    if (waits ? ports.clusterNow() >= until : again > 0) return;
    await ports.wait(waits ? MANAGER_LOOKS_MS : REREAD_AFTER_MS[0]);
  }
}

/** Reads an operation's guest once and keeps the verdict. Returns what was read. */
export async function judgeOnce(
  writing: Writing,
  entity: OperationEntity,
  task: TaskEnd | undefined,
  takenBack = false,
): Promise<Reading | undefined> {
  const { ports, connection } = writing;
  const { type, vmid } = addressOf(entity);
  const guest = await ports.store.guest(type, vmid);
  const nodeNow = guest?.incarnation === entity.incarnation ? guest.nodeId : null;
  const reading =
    entity.outcome?.['kind'] === 'not-sent'
      ? undefined
      : await lookAgain(entity, task, { reader: connection.reader, now: ports.clusterNow, nodeNow });
  const verdict = judge(sentOf(entity, { takenBack, task }), reading);
  await note(writing, entity, newsOf(entity, verdict, reading, ports.clusterNow()));
  return reading;
}
