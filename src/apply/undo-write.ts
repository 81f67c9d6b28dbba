import type { OperationEntity, WantedValue } from '../model/operation.ts';
import type { GuestAddress, Operation } from '../proxmox/operations/index.ts';
import { carryOut, judgeOnce, type Write, type Writing } from './carry-out.ts';
import type { Reading } from './standing.ts';
import { nextTakeBack } from './take-back.ts';

/** First what waits, then what is in force; and once more where one of them was refused. */
const ROUNDS = 3;

/**
 * Takes back what an operation on a configuration left, by writes of their own that are recorded like any other. The
 * operation is `reverted` where all of it is as it was then.
 * @throws what kept a write from being recorded
 */
export async function takeBack(
  writing: Writing,
  entity: OperationEntity,
  write: Pick<Write, 'work' | 'uuid' | 'managed'> & { guest: GuestAddress },
): Promise<void> {
  // What certainly wrote nothing has left nothing: a value that stands as it wanted is somebody else's.
  if (entity.kind !== 'config' || !entity.mayBeCause) return;
  let tried = false;
  for (let round = 0; round < ROUNDS; round++) {
    const reading = await judgeOnce(writing, entity, undefined, tried);
    if (reading === undefined) return;
    const { wanted } = entity;
    const left = { guest: write.guest, wanted, digestAfter: entity.digestAfter ?? undefined };
    const operation = nextTakeBack(left, reading);
    if (operation === null) break;
    tried = true;
    await carryOut(writing, {
      ...write,
      operation,
      wanted: wantedBy(operation, wanted, reading),
      paths: entity.paths,
      takesBack: entity.id,
    });
  }
  if (tried) await judgeOnce(writing, entity, undefined, true);
}

/** What taking back is to bring about. */
function wantedBy(operation: Operation, former: readonly WantedValue[], reading: Reading): WantedValue[] {
  const values = (key: string) => reading.values[key] ?? null;
  if (operation.kind === 'revert')
    return operation.keys.map(key => ({
      key,
      from: values(key),
      ...(Object.hasOwn(reading.waiting, key) && { waited: reading.waiting[key]! }),
      to: values(key),
    }));
  return former
    .filter(
      ({ key }) => operation.kind === 'config' && (key in operation.set || operation.remove.includes(key)),
    )
    .map(({ key, from, waited }) => ({ key, from: values(key), to: waited === undefined ? from : waited }));
}
