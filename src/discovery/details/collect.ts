import { GUEST_TYPES, type GuestType, guestKey } from '../../model/resource.ts';
import type { Store } from '../../model/store.ts';
import type { Unseen, UnseenPart } from '../../model/unseen.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { failureReason } from '../common/failure-reason.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { knownCluster } from '../inventory/read-cluster.ts';
import { confinements } from './confinement.ts';
import type { DetailsObserved, NodeReport, Previous, Reported } from './decide.ts';
import { readNode, readReplication } from './read.ts';

/** Reads what the nodes report beyond the listing. What fails keeps its earlier value. */
export async function collectDetails(scope: DiscoveryScope, ground: Ground): Promise<DetailsObserved> {
  const { api, store } = scope;
  const { inventory, guests, nodes } = ground;
  const observedAt = scope.now();
  const [previous, cluster] = await Promise.all([readPrevious(store), knownCluster(store)]);
  const before = new Map(previous.node.map(row => [row.subject, row]));
  const guestType = (id: number): GuestType | null =>
    GUEST_TYPES.find(type => guests.has(guestKey({ type, id }))) ?? null;
  const reports = new Map<string, NodeReport>();
  const reported: Reported[] = [];
  const failures = new DetailFailures();
  const online = [...inventory.online].filter(node => nodes.has(node));
  const [confined, warnings] = await Promise.all([
    confinements(scope, ground, observedAt),
    scope.clocks.read({ ...scope, inventory }),
    ...online.flatMap(node => [
      readNode(api, node, before.get(node), observedAt)
        .then(report => reports.set(node, report))
        .catch(error => {
          // A node that is listed as online but does not answer is itself unseen.
          const resources = api.silentNodes().has(node) ? [`node/${node}`] : undefined;
          const since = before.get(node)?.observedAt ?? null;
          failures.add({ code: 'version', node }, error, { since, ...(resources && { resources }) });
        }),
      readReplication(api, node, guestType, previous.replication, observedAt)
        .then(one => reported.push(one))
        .catch(error => {
          // Without quorum no node reports replication, and the lost quorum is reported elsewhere.
          if (inventory.quorate !== false) failures.add({ code: 'replication', node }, error);
        }),
    ]),
  ]);
  return {
    observedAt,
    nodes,
    previous,
    cluster,
    reports,
    reported,
    confined,
    warnings,
    clocksAhead: new Map(online.map(node => [node, scope.clocks.known(node)])),
    standsOn: new Map([...guests].map(([key, guest]) => [key, guest.nodeId])),
    complete: failures.none,
    unseen: failures.unseen,
  };
}

/** Collects what could not be read. What the token may never read is reported once, by test-connection. */
class DetailFailures {
  none = true;
  readonly unseen: Unseen[] = [];

  /** @throws the error itself where it is not the failure of a request. */
  add(what: UnseenPart, error: unknown, more: Partial<Pick<Unseen, 'since' | 'resources'>> = {}): void {
    if (!(error instanceof ProxmoxError)) throw error;
    this.none = false;
    if (error.kind !== 'forbidden')
      this.unseen.push({ what, since: null, reason: failureReason(error), ...more });
  }
}

/** Everything reported earlier of what is read here. */
async function readPrevious(store: Store): Promise<Previous> {
  const [replication, node] = await Promise.all([store.details('replication'), store.details('node')]);
  return { replication, node };
}
