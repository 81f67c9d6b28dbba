import { describeError } from '../errors.ts';
import { normaliseTags } from '../history/normalise.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { OperationEntity, OperationState } from '../model/operation.ts';
import { hasTag, LOCK_TAG } from '../model/writing.ts';
import { carryOut, type Write, type Writing } from './carry-out.ts';
import type { Composed } from './compose.ts';
import { composeStage } from './compose-stage.ts';
import { type Prepared, prepareGuest } from './prepare.ts';
import { readFacts, readGuest } from './reread.ts';
import { refusalIn } from './sent.ts';
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
export function runGuest(writing: Writing, ready: Prepared): Promise<GuestEnd> {
  return runStages(writing, ready, []);
}

/** `earlier`: writes of this guest before it was read once more; where there are any it is not read once more again. */
async function runStages(
  writing: Writing,
  ready: Prepared,
  earlier: readonly OperationEntity[],
): Promise<GuestEnd> {
  const done = [...earlier];
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
    try {
      const entity = await carryOut(writing, writeOf(prepared, stage, composed));
      done.push(entity);
      if (entity.state === 'verified' || entity.state === 'pending') {
        if (composed.operation.kind === 'migrate')
          prepared = await movedTo(writing, prepared, composed.operation.target);
        continue;
      }
      if (earlier.length === 0 && entity.state === 'failed' && refusalIn(entity)?.code === 'digest-moved') {
        const anew = await preparedAnew(writing, prepared, stage);
        if (!('code' in anew)) return await runStages(writing, anew, done);
        return await undone(writing, prepared, done, { state: 'failed', stopped: anew });
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

/**
 * A guest as it is now, for its stages from this one on: somebody wrote to it between reading and writing, and Proxmox refused on the
 * digest before it wrote anything. All that was held against the former reading is held against this one; else what stands in the way.
 */
async function preparedAnew(
  { ports, connection, plan }: Writing,
  { work, stages }: Prepared,
  stage: Stage,
): Promise<Prepared | ApplyRefusal> {
  const left = new Set(stages.slice(stages.indexOf(stage)).flatMap(one => one.steps));
  const steps = work.steps.filter(step => left.has(step));
  try {
    // Locks, pools and nodes are known from the listing.
    const { stale } = await ports.refresh([]);
    if (stale !== null)
      return { code: 'unread', resource: work.resource, what: `it cannot be read now: ${stale}` };
    const prepared = await prepareGuest({ ...work, steps }, plan, ports, connection);
    if (Array.isArray(prepared)) return prepared[0]!;
    const [refusal] = await ports.permit({ ...plan, steps }, [prepared.subject]);
    return refusal ?? prepared;
  } catch (error) {
    const what = `it was changed while the plan was being carried out, and cannot be examined now: ${describeError(error)}`;
    return { code: 'unread', resource: work.resource, what };
  }
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
