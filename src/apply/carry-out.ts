import { describeError, UsageError } from '../errors.ts';
import type { OperationEntity, OperationNews, WantedValue } from '../model/operation.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { Lease } from '../model/store.ts';
import type { Operation, WriteOutcome } from '../proxmox/operations/index.ts';
import { lookAgain, taskEndOf } from './look.ts';
import { REREAD_AFTER_MS } from './order.ts';
import type { ApplyPorts, Connection } from './ports.ts';
import { addressOf, kept, newsOf, sentOf } from './sent.ts';
import type { Reading } from './standing.ts';
import { decideOutcome, type TaskEnd } from './verdict.ts';
import type { GuestWork } from './work.ts';

/** What the writes of one plan share. */
export interface Writing {
  ports: ApplyPorts;
  lease: Lease;
  connection: Connection;
  plan: PlanEntity;
  asker: string;
  why: string | null;
  /** The number of writes of this plan so far. */
  count: number;
}

/** What determining the outcome of an operation needs. */
export type Settling = Pick<Writing, 'ports' | 'lease' | 'connection'>;

/** One write, composed from a reading made just before. */
export interface Write {
  work: GuestWork;
  operation: Operation;
  wanted: WantedValue[];
  paths: string[];
  /** For a VM, the uuid as read. */
  uuid: string | null;
  /** The guest is managed by HA. */
  managed: boolean;
  takesBack: string | null;
}

/** If recording took longer than this, others may have settled the operation already, so it is not sent (ms). */
const TOO_LATE_MS = 10_000;
/** How long a task is waited for, by the kind of its operation (ms). An operation that takes longer is `unknown`. */
const TASK_WAITS_MS: { readonly [kind in Operation['kind']]: number } = {
  config: 90_000,
  revert: 90_000,
  power: 240_000,
  migrate: 900_000,
  snapshot: 900_000,
};
/** The pause between looks at a task: first, and at most (ms). */
const POLL_MS = [100, 2_000] as const;
/** How long the HA manager is waited for, and the pause between looks (ms). */
const MANAGER_WAITS_MS = 120_000;
const MANAGER_LOOKS_MS = 5_000;

/**
 * Records a write, sends it once, waits for its task and reads its guest again. The outcome is in the returned operation and in the
 * store; if it could not be determined, the operation stays `sent`, and is settled later.
 * @throws whatever kept it from being recorded: nothing was sent then
 */
export async function carryOut(writing: Writing, write: Write): Promise<OperationEntity> {
  const { ports, lease } = writing;
  const began = { wall: ports.clusterNow(), elapsed: performance.now() };
  const entity = entityOf(writing, write, began.wall);
  await ports.store.recordOperation(lease, entity, ports.now());
  const late = Math.max(ports.clusterNow() - began.wall, performance.now() - began.elapsed) > TOO_LATE_MS;
  try {
    const outcome: WriteOutcome = late
      ? { kind: 'not-sent', why: 'recording it took too long' }
      : await send(writing, entity, write.operation);
    await settleSent(writing, entity, outcome);
  } catch (error) {
    // It may have been sent: from here on only its guest shows what became of it.
    ports.log.warn('what became of a write is not known yet', { error: describeError(error) });
  }
  return entity;
}

async function settleSent(writing: Writing, entity: OperationEntity, outcome: WriteOutcome): Promise<void> {
  const upid = outcome.kind === 'task' ? outcome.upid : null;
  await note(writing, entity, { outcome: kept(outcome), upid });
  const task = upid === null ? undefined : await waitForTask(writing, entity, upid);
  if (task?.ended) await note(writing, entity, { taskEnd: kept(task) });
  await settleNow(writing, entity, task);
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
    sent: kept(operation),
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

/** Refuses what is never written before anything is sent. */
async function send(writing: Writing, { id }: OperationEntity, operation: Operation): Promise<WriteOutcome> {
  try {
    return await writing.connection.writer.send(id, operation);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: 'not-sent', why: error.message };
  }
}

/** Records news of an operation. If that fails, the next start finds it out by reading. */
export async function note(writing: Settling, entity: OperationEntity, news: OperationNews): Promise<void> {
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

/** Determines the outcome by reading, and again a little later where the first reading does not show it. */
async function settleNow(
  writing: Writing,
  entity: OperationEntity,
  task: TaskEnd | undefined,
): Promise<void> {
  const { ports } = writing;
  const until = ports.clusterNow() + MANAGER_WAITS_MS;
  for (let again = 0; ; again++) {
    const reading = await settleOnce(writing, entity, task);
    // It may be on another node by now.
    if (reading?.sameGuest === false) await ports.refresh([]);
    if (entity.state !== 'unknown' && entity.state !== 'sent') return;
    const waits = entity.managed && task?.ended === true;
    if (waits ? ports.clusterNow() >= until : again > 0) return;
    await ports.wait(waits ? MANAGER_LOOKS_MS : REREAD_AFTER_MS[0]);
  }
}

/** Reads an operation's guest once and records the verdict. Returns the reading. */
export async function settleOnce(
  writing: Settling,
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
  const verdict = decideOutcome(sentOf(entity, { takenBack, task }), reading);
  await note(writing, entity, newsOf(entity, verdict, reading, ports.clusterNow()));
  return reading;
}
