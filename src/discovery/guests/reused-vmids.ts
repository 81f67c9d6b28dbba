import type { GuestEntity } from '../../model/entity.ts';
import type { RunContext } from '../common/context.ts';
import { guestKey } from '../common/guest-key.ts';
import { isOtherLife } from '../common/identity.ts';
import { endedLives } from '../inventory/run.ts';
import { gatherLists } from '../tasks/run.ts';
import type { GuestChange } from './changes.ts';

/**
 * Guests whose changed configuration may be that of whoever has their VMID now. A container has no identity, and two clones
 * of a template may differ by nothing that lasts: only a destroy task tells, and the tasks were read before the
 * configuration was. What is in doubt is left to the next run.
 */
export async function maybeSuccessors(context: RunContext, changes: GuestChange[]): Promise<Set<string>> {
  const changed = changes.flatMap(({ change, before, after }) =>
    change === 'updated' && before !== null && after !== null && mayDiffer(before, after) ? [before] : [],
  );
  if (changed.length === 0) return new Set();
  const nodes = new Set(changed.map(guest => guest.nodeId));
  const findings = await gatherLists(context, context.inventory, nodes);
  const destroyed = await endedLives(context, findings, findings.tasks);
  for (const [node, reason] of findings.failed)
    context.run.unseen.push({ what: `changed guests on node ${node}`, since: null, reason });
  const doubtful = changed.filter(
    guest => destroyed.has(guestKey(guest)) || findings.failed.has(guest.nodeId),
  );
  return new Set(doubtful.map(guestKey));
}

function mayDiffer(before: GuestEntity, after: GuestEntity): boolean {
  return before.type === 'container' || isOtherLife(before.identity, after.identity, true);
}
