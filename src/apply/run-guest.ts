import { describeError } from '../errors.ts';
import { normaliseTags } from '../history/normalise.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { OperationEntity, OperationState } from '../model/operation.ts';
import { hasTag, LOCK_TAG } from '../model/writing.ts';
import { carryOut, type Write, type Writing } from './carry-out.ts';
import type { Composed } from './compose.ts';
import { composeStage } from './compose-stage.ts';
import type { Prepared } from './prepare.ts';
import { preparedAnew } from './prepare-anew.ts';
import { readFacts, readGuest } from './reread.ts';
import { refusalIn } from './sent.ts';
import type { Reading } from './standing.ts';
import { takeBack } from './undo-write.ts';
import type { Stage } from './work.ts';

/** How a guest's steps ended, and why, if something kept them from being sent. */
export interface GuestEnd {
  state: OperationState;
  stopped?: ApplyRefusal;
}

/**
 * How old a reading may be when a write is based on it (ms). A configuration is protected by its digest besides; a task that no
 * longer fits (starting what runs, a snapshot that exists) is refused by Proxmox.
 */
const YOUNG_MS = 5_000;

/**
 * Carries out a guest's steps in order, each in its own write. Where one fails, what this guest's writes left behind is undone.
 * Before a write, only a failure to record it, or a change made meanwhile, stops the steps. `earlier`: writes from before the
 * guest was prepared again, which is done once.
 */
export async function runGuest(
  writing: Writing,
  ready: Prepared,
  earlier: readonly OperationEntity[] = [],
): Promise<GuestEnd> {
  const done: OperationEntity[] = [...earlier];
  let prepared = ready;
  const stop = (code: ApplyRefusal['code'], what: string): GuestEnd => ({
    state: done.length > 0 ? 'failed' : 'not_sent',
    stopped: { code, resource: prepared.work.resource, what },
  });
  for (const stage of prepared.stages) {
    const reading = await readFor(stage, prepared, writing, done.length === earlier.length);
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
    let entity: OperationEntity;
    try {
      entity = await carryOut(writing, writeOf(prepared, stage, composed));
    } catch (error) {
      const why = describeError(error);
      writing.ports.log.warn('a write could not be recorded, so nothing was sent', { error: why });
      return stop('unrecorded', `nothing was sent: the write could not be recorded (${why})`);
    }
    done.push(entity);
    if (entity.state === 'verified' || entity.state === 'pending') {
      if (composed.operation.kind === 'migrate')
        prepared = await movedTo(writing, prepared, composed.operation.target);
      continue;
    }
    if (earlier.length === 0 && entity.state === 'failed' && refusalIn(entity)?.code === 'digest-moved') {
      const anew = await preparedAnew(writing, prepared, stage);
      if (!('code' in anew)) return runGuest(writing, anew, done);
      return undone(writing, prepared, done, { state: 'failed', stopped: anew });
    }
    return undone(writing, prepared, done, { state: entity.state === 'sent' ? 'unknown' : entity.state });
  }
  return { state: done.at(-1)?.state ?? 'verified' };
}

/** The guest on the node it was moved to, where the following writes are sent. */
async function movedTo({ ports }: Writing, prepared: Prepared, node: string): Promise<Prepared> {
  await ports.refresh([]);
  return { ...prepared, guest: { ...prepared.guest, node } };
}

/** Undoes what this guest's writes left behind, newest first, unless something may still be under way. */
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
  { config, guest, readAt, uuid, facts: known }: Prepared,
  { ports, connection }: Writing,
  first: boolean,
): Promise<Reading | undefined> {
  const facts = { now: ports.clusterNow(), busy: false };
  const young = first && performance.now() - readAt < YOUNG_MS;
  if (stage.kind === 'task') {
    const fields = stage.steps.map(({ path }) => path);
    return young
      ? Promise.resolve(known)
      : readFacts(connection.reader, guest, [guest.node], { ...facts, fields });
  }
  if (young && stage.kind === 'config') return Promise.resolve(config);
  return readGuest(connection.reader, guest, { uuid }, facts);
}

function writeOf(
  prepared: Prepared,
  { steps }: Stage,
  { operation, wanted }: Extract<Composed, { kind: 'operation' }>,
): Write {
  return { ...prepared, operation, wanted, paths: steps.map(step => step.path), takesBack: null };
}
