import { diffStates } from '../../history/diff.ts';
import type { NewVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import { CLUSTER } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import type { OurTime } from '../../model/time.ts';
import type { KnownCluster } from '../inventory/decide-cluster.ts';
import type { OptionsSeen } from './seen.ts';

/**
 * What the datacenter's options add to the cluster's history; read for the first time they are knowledge gained. A single node
 * without a cluster has no history of options. Pure.
 */
export function decideOptions(
  cluster: KnownCluster | null,
  { state: options, lastSeen }: OptionsSeen,
  observedAt: OurTime,
): { details: Detail[]; versions: NewVersion[] } {
  if (cluster === null || options === null) return { details: [], versions: [] };
  const before = cluster.facts.state;
  const after = { ...before, options };
  const fields = diffStates(before, after);
  const isGained = before.options === undefined;
  if (!isGained && fields.length === 0) return { details: [], versions: [] };
  return {
    details: [
      {
        topic: 'quorum',
        subject: CLUSTER.id,
        source: '',
        data: { ...cluster.facts, state: after },
        // The row keeps the age of the quorum.
        observedAt: cluster.lastSeen,
      },
    ],
    versions: [
      {
        type: CLUSTER.type,
        resourceId: CLUSTER.id,
        incarnation: 1,
        change: isGained ? 'discovered' : 'updated',
        facet: 'datacenter',
        name: cluster.facts.name,
        node: null,
        fields: isGained ? [] : fields,
        state: { ...after } as JsonObject,
        windowAfter: lastSeen ?? cluster.lastSeen,
        windowBefore: observedAt,
      },
    ],
  };
}
