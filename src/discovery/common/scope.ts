import type { Log } from '../../log.ts';
import type { Facet } from '../../model/facet.ts';
import type { InventoryObservation } from '../../model/observation.ts';
import type { Lease, Store } from '../../model/store.ts';
import type { OurTime } from '../../model/time.ts';
import type { ProxmoxRun } from '../../proxmox/client.ts';
import type { Changed } from '../schedule/commit-feed.ts';
import type { ClockOffset } from './clock.ts';
import type { NodeClocks } from './node-clocks.ts';

/** What a discovery is asked for. */
export interface DiscoveryRequest {
  facets: ReadonlySet<Facet>;
  /** Read every guest's configuration, whatever its age. */
  deep: boolean;
  /** Guests (`vm/101`) whose configuration is read whatever its age. */
  guests: ReadonlySet<string>;
}

/** How old and how many: the limits of one run. */
export interface DiscoveryLimits {
  /** A configuration older than this is read again (ms). */
  configMaxAge: number;
  /** Most of these that one run reads, oldest first. */
  agedConfigsAtMost: number;
}

/** Who is notified of what a run does. */
export interface RunFeed {
  /** A commit recorded these changes. */
  changed(changes: readonly Changed[]): void;
  /** These tasks are new, or have ended. */
  tasks(upids: readonly string[]): void;
  /** Adds requests that will follow those already made, for the progress. */
  expect(requests: number): void;
}

/**
 * What every stage of a run may use. It is the same from the first request to the last commit; what a stage found is no part
 * of it, but the value that the stage returns.
 */
export interface DiscoveryScope extends ClockOffset {
  /** Its answers are sealed: what comes out of it may be stored. */
  readonly api: ProxmoxRun;
  /** The run alone writes while it holds the lease, so what it read stays true. */
  readonly store: Store;
  readonly lease: Lease;
  readonly runId: number;
  readonly log: Log;
  readonly now: () => OurTime;
  readonly request: DiscoveryRequest;
  readonly limits: DiscoveryLimits;
  /** The nodes' own clocks, beside the API's. */
  readonly clocks: NodeClocks;
  /** SHA-256 of the cluster's root certificate, once per process unless asked `again`. */
  readonly rootFingerprint: (inventory: InventoryObservation, again?: boolean) => Promise<string | null>;
  /** Somebody else's turn has come: long work ends at its next commit, the rest stays due. */
  readonly shouldStop: () => boolean;
  readonly feed: RunFeed;
}
