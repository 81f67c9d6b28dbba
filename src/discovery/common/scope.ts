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
  /** Read every guest's configuration, however young. */
  deep: boolean;
  /** Guests (`vm/101`) whose configuration is read, however young. */
  guests: ReadonlySet<string>;
}

/** The limits of one run. */
export interface DiscoveryLimits {
  /** A configuration older than this is read again (ms). */
  configMaxAge: number;
  /** Most configurations that one run reads for their age alone, oldest first. */
  agedConfigsAtMost: number;
}

/** Who hears about the progress of a run. */
export interface RunFeed {
  /** A commit recorded these changes. */
  changed(changes: readonly Changed[]): void;
  /** These tasks are new, or have ended. */
  tasks(upids: readonly string[]): void;
  /** Announces how many requests will follow those already made. */
  expect(requests: number): void;
}

/**
 * What every stage of a run may use. It stays the same from the first request to the last commit; findings are not part of it,
 * but of the values that stages return.
 */
export interface DiscoveryScope extends ClockOffset {
  /** Its answers are sealed: whatever it returns may be stored. */
  readonly api: ProxmoxRun;
  /** Only the run writes while it holds the lease, so what it has read stays true. */
  readonly store: Store;
  readonly lease: Lease;
  readonly runId: number;
  readonly log: Log;
  readonly now: () => OurTime;
  readonly request: DiscoveryRequest;
  readonly limits: DiscoveryLimits;
  /** The nodes' own clocks. */
  readonly clocks: NodeClocks;
  /** SHA-256 of the cluster's root certificate, read once per process unless called with `again`. */
  readonly rootFingerprint: (inventory: InventoryObservation, again?: boolean) => Promise<string | null>;
  /** Another process is waiting: long work ends at its next commit, and the rest stays due. */
  readonly shouldStop: () => boolean;
  readonly feed: RunFeed;
}
