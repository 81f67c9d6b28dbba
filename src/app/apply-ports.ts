import { setTimeout as delay } from 'node:timers/promises';
import { whoChanged } from '../answers/changes/who-changed.ts';
import type { ApplyPorts } from '../apply/index.ts';
import { ClusterMismatchError } from '../discovery/common/errors.ts';
import type { Discovery } from '../discovery/index.ts';
import { describeError } from '../errors.ts';
import type { Facet } from '../model/facet.ts';
import { reasonText } from '../model/reason-text.ts';
import type { Store } from '../model/store.ts';
import { ourTime, toClusterTime } from '../model/time.ts';
import type { ProxmoxClient } from '../proxmox/index.ts';

/** What carrying out plans reads with: discovery, history and the clocks of this process. */
export function readingPorts({
  store,
  client,
  discovery,
  now,
}: {
  store: Store;
  client: Pick<ProxmoxClient, 'clockOffsetMs'>;
  discovery: Pick<Discovery, 'ensure'>;
  now: () => number;
}): Pick<ApplyPorts, 'refresh' | 'whoChanged' | 'now' | 'clusterNow' | 'wait'> {
  return {
    refresh: resources => refresh(discovery, resources),
    whoChanged: (resource, path, since) => whoChanged(store, resource, path, since),
    now,
    clusterNow: () => toClusterTime(ourTime(now()), client.clockOffsetMs ?? 0),
    wait: ms => delay(ms),
  };
}

async function refresh(
  discovery: Pick<Discovery, 'ensure'>,
  resources: readonly string[],
): Promise<{ stale: string | null; otherCluster?: boolean }> {
  const facets: Facet[] = resources.length === 0 ? ['inventory'] : ['inventory', 'config', 'tasks'];
  try {
    const guests = new Set(resources);
    const { stale } = await discovery.ensure({ facets: new Set(facets), guests, deep: false, maxAgeMs: 0 });
    return { stale: stale && reasonText(stale.reason) };
  } catch (error) {
    return { stale: describeError(error), otherCluster: error instanceof ClusterMismatchError };
  }
}
