import type { GuestEntity } from '../../model/entity.ts';
import type { Reason } from '../../model/reason.ts';
import { guestKey, taskKey } from '../../model/resource.ts';
import type { Unseen } from '../../model/unseen.ts';
import type { Listed } from '../common/ground.ts';
import { isOtherLife } from '../common/identity.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { gatherLists } from '../tasks/gather.ts';
import type { GuestChange } from './changes.ts';
import { endedLives } from './ended-lives.ts';
import { RESTORE } from './evidence.ts';
import { missesTasksOfOthers } from './task-doubts.ts';

/** Guests (`vm/101`) that may be others by now, and what prevented certainty. */
export interface Reused {
  doubtful: ReadonlySet<string>;
  unseen: Unseen[];
}

/**
 * Guests whose changed configuration may belong to a new guest with their VMID. A container has no identity, and two clones of a
 * template may have no lasting difference: only a destroy task reveals it, and the tasks were read before the configuration was.
 * Doubtful cases are left to the next run.
 */
export async function possiblyReused(
  scope: DiscoveryScope,
  listed: Listed,
  changes: GuestChange[],
  /** Guests that are certainly still the same (`container/200`). */
  sure: ReadonlySet<string>,
): Promise<Reused> {
  const changed = changes.flatMap(({ change, before, after }) =>
    change === 'updated' && before !== null && after !== null && mayDiffer(before, after) ? [before] : [],
  );
  if (changed.length === 0) return { doubtful: new Set(), unseen: [] };
  const nodes = new Set(changed.map(guest => guest.nodeId));
  const findings = await gatherLists(scope, listed, nodes);
  const [destroyed, isBlind] = await Promise.all([
    endedLives(scope, listed, findings, findings.tasks),
    missesTasksOfOthers(scope, listed),
  ]);
  // While a guest is being restored over it there is only a lock, and it is not known yet which guest it will be.
  const restored = new Set(
    findings.tasks
      .filter(task => RESTORE.has(task.type) && (task.status === 'running' || findings.fresh.includes(task)))
      .map(taskKey)
      .filter(key => key !== null && !sure.has(key)),
  );
  const doubtful = changed.filter(
    guest =>
      destroyed.has(guestKey(guest)) ||
      restored.has(guestKey(guest)) ||
      findings.failed.has(guest.nodeId) ||
      (isBlind && !sure.has(guestKey(guest))),
  );
  const unread = new Map<string, Reason>([
    ...(isBlind ? doubtful.map(({ nodeId: node }) => [node, { code: 'tasks-unread', node }] as const) : []),
    ...findings.failed,
  ]);
  return {
    doubtful: new Set(doubtful.map(guestKey)),
    unseen: [...unread].map(([node, reason]) => ({
      what: { code: 'changed-guests', node },
      since: null,
      reason,
    })),
  };
}

function mayDiffer(before: GuestEntity, after: GuestEntity): boolean {
  return before.type === 'container' || isOtherLife(before.identity, after.identity, true);
}
