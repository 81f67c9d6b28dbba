import type { Log } from '../../log.ts';
import type { GuestEntity, LogLineEntity, NodeEntity, RunEntity, TaskEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { GuestReading, InventoryObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import type { Lease, Store } from '../../model/store.ts';
import type { TrailEntry } from '../../model/trail.ts';
import type { ProxmoxRun } from '../../proxmox/client.ts';
import type { Changed } from '../schedule/commit-feed.ts';
import type { ClockMemory } from './clock.ts';
import type { NodeClocks } from './node-clocks.ts';
import type { Rights } from './rights.ts';

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
  /** ... but at most so many of the oldest in one run. */
  agedConfigsAtMost: number;
}

/** Everything one run works with. It alone writes while it holds the lease, so what it loaded stays true. */
export interface RunContext {
  api: ProxmoxRun;
  store: Store;
  lease: Lease;
  log: Log;
  now: () => number;
  request: DiscoveryRequest;
  limits: DiscoveryLimits;
  run: RunEntity;
  /** The API's clock minus ours (ms), once it has answered. */
  clockOffset: () => number;
  /** The nodes' own clocks, beside the API's. */
  clocks: NodeClocks;
  /** SHA-256 of the cluster's root certificate, once per process unless asked `again`. */
  rootFingerprint: (inventory: InventoryObservation, again?: boolean) => Promise<string | null>;
  nodes: Map<string, NodeEntity>;
  /** Guests by `vm/101`, as the run has left them so far. */
  guests: Map<string, GuestEntity>;
  inventory: InventoryObservation;
  /** What the last run tells of our clock and the cluster's. */
  clock: ClockMemory;
  /** The store knew nothing before: this run reads every facet, so that what it finds is one first sight. */
  firstRun: boolean;
  rights: Rights;
  /** Tasks read in this run; null while none were. */
  tasks: TaskFindings | null;
  /** Guests already read in this run, for the config facet to use. */
  readings: Map<string, GuestReading>;
  /** Somebody else's turn has come: long work ends at its next commit, the rest stays due. */
  shouldStop: () => boolean;
  /** Tells what a commit changed. */
  committed: (changes: readonly Changed[]) => void;
  /** Tells which tasks are new or have ended. */
  tasksCommitted: (upids: string[]) => void;
  /** How many requests are known to come beyond those already made: for the progress. */
  expect: (requests: number) => void;
}

/** What nodes' task lists brought. */
export interface TaskLists {
  tasks: TaskEntity[];
  /** Those that are new to the store or have ended since it last saw them. */
  fresh: TaskEntity[];
  /** Nodes whose list could not be read, with the reason. */
  failed: Map<string, Reason>;
  /** Those, and nodes of whose list a part was left out. */
  unread: string[];
  complete: boolean;
}

/** ... and the cluster's log besides. */
export interface TaskFindings extends TaskLists {
  /** Lines of the cluster's log that name a guest's edit. */
  log: LogLineEntity[];
  /** What of all this could be read. */
  trail: TrailEntry;
}
