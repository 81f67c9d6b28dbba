import type { OperationEntity, WantedValue } from '../model/operation.ts';
import type { GuestAddress, Operation } from '../proxmox/operations/index.ts';
import { carryOut, settleOnce, type Write, type Writing } from './carry-out.ts';
import type { Reading } from './standing.ts';
import { nextTakeBack } from './take-back.ts';

/** First pending values, then those in force, and once more if one was refused. */
const ROUNDS = 3;

/**
 * Undoes what a configuration write left behind, by writes that are recorded like any other. The operation is `reverted` if
 * everything is as it was before.
 * @throws whatever kept a write from being recorded
 */
export async function takeBack(
  writing: Writing,
  entity: OperationEntity,
  write: Pick<Write, 'work' | 'uuid' | 'managed'> & { guest: GuestAddress },
): Promise<void> {
  // A write that certainly had no effect left nothing: a value that equals the wanted one was set by somebody else.
  if (entity.kind !== 'config' || !entity.mayBeCause) return;
  let tried = false;
  for (let round = 0; round < ROUNDS; round++) {
    const reading = await settleOnce(writing, entity, undefined, tried);
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
  if (tried) await settleOnce(writing, entity, undefined, true);
}

/** The values that undoing is to bring about. */
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
