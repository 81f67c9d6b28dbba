import { describeError } from '../errors.ts';
import { normaliseTags } from '../history/normalise.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { OperationEntity, OperationState } from '../model/operation.ts';
import { hasTag, LOCK_TAG } from '../model/writing.ts';
import { carryOut, type Write, type Writing } from './carry-out.ts';
import type { Composed } from './compose.ts';
import { composeStage } from './compose-stage.ts';
import type { Prepared } from './prepare.ts';
import { readFacts, readGuest } from './reread.ts';
import type { Reading } from './standing.ts';
import { takeBack } from './undo-write.ts';
import type { Stage } from './work.ts';

/** How a guest's steps ended, and why where something kept them from being sent. */
export interface GuestEnd {
  state: OperationState;
  stopped?: ApplyRefusal;
}

/** How old a reading may be when a write rests on it (ms); the write is locked by its digest besides. */
const YOUNG_MS = 5_000;

/**
 * Takes a guest's steps in their order, each in a write of its own. Where one fails, what this guest's writes left is taken
 * back. Only what the store cannot record, or what moved meanwhile, stops it before a write.
 */
export async function runGuest(writing: Writing, ready: Prepared): Promise<GuestEnd> {
  const done: OperationEntity[] = [];
  let prepared = ready;
  const stop = (code: ApplyRefusal['code'], what: string): GuestEnd => ({
    state: done.length > 0 ? 'failed' : 'not_sent',
    stopped: { code, resource: prepared.work.resource, what },
  });
  for (const stage of prepared.stages) {
    const reading = await readFor(stage, prepared, writing, done.length === 0);
    if (reading === undefined)
      return undone(writing, prepared, done, stop('unread', 'it could not be read just before'));
    const composed = composeFor(prepared, stage, reading);
    if (composed.kind === 'nothing') continue;
    if (composed.kind === 'moved')
      return undone(
        writing,
        prepared,
        done,
        stop('moved', 'it was changed while the plan was being carried out'),
      );
    try {
      const entity = await carryOut(writing, writeOf(prepared, stage, composed));
      done.push(entity);
      if (entity.state === 'verified' || entity.state === 'pending') {
        if (composed.operation.kind === 'migrate')
          prepared = await movedTo(writing, prepared, composed.operation.target);
        continue;
      }
      return await undone(writing, prepared, done, { state: entity.state });
    } catch (error) {
      writing.ports.log.warn('a write could not be recorded, so nothing was sent', {
        error: describeError(error),
      });
      return stop(
        'unrecorded',
        `nothing was sent: the write could not be recorded (${describeError(error)})`,
      );
    }
  }
  return { state: done.at(-1)?.state ?? 'verified' };
}

/** The guest where it was moved to: what comes after is sent there. */
async function movedTo({ ports }: Writing, prepared: Prepared, node: string): Promise<Prepared> {
  await ports.refresh([]);
  return { ...prepared, guest: { ...prepared.guest, node } };
}

/** Takes back what this guest's writes left, the newest first, where nothing can still be at work. */
async function undone(
  writing: Writing,
  prepared: Prepared,
  done: readonly OperationEntity[],
  end: GuestEnd,
): Promise<GuestEnd> {
  if (end.state === 'unknown') return end;
  try {
    for (const entity of done.toReversed()) await takeBack(writing, entity, prepared);
    return end;
  } catch (error) {
    writing.ports.log.warn('what a failed write left could not be taken back', {
      error: describeError(error),
    });
    return end;
  }
}

function composeFor({ guest }: Prepared, stage: Stage, reading: Reading): Composed {
  const tags = normaliseTags(reading.values['tags'] ?? '');
  if (stage.kind !== 'task' && (!reading.sameGuest || hasTag(tags, LOCK_TAG)))
    return { kind: 'moved', moved: [] };
  if (!reading.sameGuest) return { kind: 'moved', moved: [] };
  return composeStage(guest, stage, reading);
}

function readFor(
  stage: Stage,
  { config, guest, readAt, uuid }: Prepared,
  { ports, connection }: Writing,
  first: boolean,
): Promise<Reading | undefined> {
  const facts = { now: ports.clusterNow(), busy: false };
  if (stage.kind === 'task') return readFacts(connection.reader, guest, [guest.node], facts);
  if (first && stage.kind === 'config' && performance.now() - readAt < YOUNG_MS)
    return Promise.resolve(config);
  return readGuest(connection.reader, guest, { uuid }, facts);
}

function writeOf(
  prepared: Prepared,
  { steps }: Stage,
  { operation, wanted }: Extract<Composed, { kind: 'operation' }>,
): Write {
  return { ...prepared, operation, wanted, paths: steps.map(step => step.path), takesBack: null };
}
