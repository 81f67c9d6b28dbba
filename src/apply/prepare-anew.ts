import { describeError } from '../errors.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { Writing } from './carry-out.ts';
import { type Prepared, prepareGuest } from './prepare.ts';
import type { Stage } from './work.ts';

/**
 * A guest prepared again, from this stage on: somebody wrote to it between reading and writing, and Proxmox refused because of
 * the digest, before writing anything. Every check of the first preparation is repeated. Returns what stands in the way, if
 * anything.
 */
export async function preparedAnew(
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
