import { outcomeOf, stepResults } from '../desired/outcome.ts';
import type { OperationEntity } from '../model/operation.ts';
import { note, type Settling, settleOnce } from './carry-out.ts';
import { taskEndOf } from './look.ts';
import type { ApplyStore } from './ports.ts';
import { kept, sentOf } from './sent.ts';

/** Whether any operation or plan has no known end. */
export async function isAnythingOpen(store: ApplyStore): Promise<boolean> {
  return (await openOperations(store)).length > 0 || (await store.unendedPlans()).length > 0;
}

function openOperations(store: ApplyStore): Promise<OperationEntity[]> {
  return store.operations({ states: ['sent', 'unknown'] });
}

/**
 * Determines the outcome of open operations by reading their guests, and ends plans whose process died. Nothing is written to
 * Proxmox. Returns the operations that are still open.
 */
export async function settleOpen(settling: Settling): Promise<OperationEntity[]> {
  const open = await openOperations(settling.ports.store);
  if (open.length > 0) await settling.ports.refresh([...new Set(open.map(({ resource }) => resource))]);
  for (const entity of open) await settleOne(settling, entity);
  const begun = await settling.ports.store.unendedPlans();
  await endPlans(settling, new Set([...open.map(({ plan }) => plan), ...begun.map(({ id }) => id)]));
  return open.filter(({ state }) => state === 'sent' || state === 'unknown');
}

async function settleOne(settling: Settling, entity: OperationEntity): Promise<void> {
  const { upid } = entity;
  let task = sentOf(entity).task;
  if (!task?.ended && upid !== null) {
    task = await taskEndOf(entity, upid, settling.connection.reader);
    if (task?.ended) await note(settling, entity, { taskEnd: kept(task) });
  }
  await settleOnce(settling, entity, task);
}

/** Records how plans ended, again if one of their operations was settled later. */
async function endPlans({ ports }: Settling, plans: ReadonlySet<string>): Promise<void> {
  for (const id of plans) {
    const plan = await ports.store.plan(id);
    if (plan === null) continue;
    const steps = stepResults(plan, await ports.store.operations({ plan: id }));
    const outcome = outcomeOf(steps);
    if (plan.outcome !== outcome) await ports.store.endPlan(id, { outcome });
  }
}
