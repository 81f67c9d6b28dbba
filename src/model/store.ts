import type { DatedVersion, End, Step, Version } from './change.ts';
import type { NewRevision, RevisionEntity } from './declaration.ts';
import type { Detail, DetailTopic } from './detail.ts';
import type {
  ClusterEntity,
  CommitEntity,
  ConfigValues,
  GuestConfigEntity,
  GuestEntity,
  GuestSighting,
  LogLineEntity,
  NodeEntity,
  NodeStorageEntity,
  ReportedByConfig,
  RunEntity,
  StorageEntity,
  TaskEntity,
} from './entity.ts';
import type { Facet } from './facet.ts';
import type {
  GuestFilter,
  GuestGroup,
  Page,
  PageOf,
  ResourceSpan,
  Rows,
  Sort,
  TaskFilter,
  VersionFilter,
} from './filter.ts';
import type {
  OperationEntity,
  OperationFilter,
  OperationNews,
  PlanEvent,
  PlanEventEntity,
} from './operation.ts';
import type { PlanEntity, PlanFilter } from './plan.ts';
import type { CheckedQuery, QueryOptions, QueryResult } from './query.ts';
import type { GuestType, ResourceKey, ResourceType } from './resource.ts';
import type { ClusterTime, OurTime } from './time.ts';

/** A place in the sequence after every commit: both engines count to it. */
export const NEWEST_SEQ = 2_147_483_647;

/** The note that holds how far the cluster's clock is ahead of ours (ms), as the last run found it. */
export const CLOCK_OFFSET_NOTE = 'clock-offset';

/** A stretch of a store's life: it begins where the store is made, or put back to a backup. */
export interface StoreLine {
  /** ASCII letters and digits, drawn by lot. */
  id: string;
  /** The last `seq` it shares with the line before it; 0 in the first. */
  from: number;
}

/** What a stored value at a path of dotted names is to be instead; the same value where nothing is to be done. */
export type StoredMask = (path: string, value: unknown) => unknown;

/** Committed reads only: none of these ever shows a row of a transaction under way. */
export interface StoreReader {
  /** The cluster of this store; null until a discovery has claimed it. */
  cluster(): Promise<ClusterEntity | null>;
  /** Whether this resource would be shown if it was there: where not, nothing follows from its absence. */
  shows(key: ResourceKey): boolean;
  /** By id; `online: false` leaves out those that are online and have not left. */
  nodes(options?: { includeRemoved?: boolean; online?: false }): Promise<NodeEntity[]>;
  /** By VMID unless `sort` says otherwise; all that match unless a page is asked for. */
  guests(type: GuestType, filter?: GuestFilter, sort?: Sort, page?: Page): Promise<Rows<GuestEntity>>;
  /** By the smallest VMID of each. */
  guestGroups(type: GuestType): Promise<GuestGroup[]>;
  /** A page with its total and the place in the sequence that both show, read at one moment. */
  guestPage(type: GuestType, filter: GuestFilter, sort: Sort, page: Page): Promise<PageOf<GuestEntity>>;
  guest(type: GuestType, id: number): Promise<GuestEntity | null>;
  /** Those never read are left out. */
  configs(keys: { type: GuestType; id: number }[]): Promise<GuestConfigEntity[]>;
  /**
   * The configurations of this type of guest of whose JSON text, as it runs or as it waits, this is true; only they are
   * parsed.
   */
  configsHolding(type: GuestType, mayHold: (json: string) => boolean): Promise<GuestConfigEntity[]>;
  /**
   * Of every configuration of this type just these keys, and devices by their family: all of `net*`, or at least a part, `net*.tag`; of a
   * part's value just what stands before its first colon, `scsi*.volume:`, or those that hold a word, `scsi*.volume~cloudinit`. For
   * questions about all guests; configurations with equal devices may be one object. `pending` reads what waits as well.
   */
  configValues(
    type: GuestType,
    keys: readonly string[],
    options?: { pending?: boolean },
  ): Promise<ConfigValues[]>;
  /** By id. */
  storages(): Promise<StorageEntity[]>;
  /** By node and storage. */
  nodeStorages(): Promise<NodeStorageEntity[]>;
  /** The facts of a topic, of all subjects unless some are named. */
  details<T extends DetailTopic>(topic: T, subjects?: readonly string[]): Promise<Detail<T>[]>;
  /** Newest start first unless `sort` says otherwise; all that match unless a page is asked for. */
  tasks(filter?: TaskFilter, sort?: Sort, page?: Page): Promise<Rows<TaskEntity>>;
  task(upid: string): Promise<TaskEntity | null>;
  /** Lines of a time span (ms, inclusive), oldest first. */
  logLines(filter: { vmid?: number; since: number; until?: number }): Promise<LogLineEntity[]>;
  /** Tasks that ran in any of these spans, the first `atMost` of each, oldest first. None ran longer than a month. */
  tasksWithin(spans: readonly ResourceSpan[], atMost: number): Promise<TaskEntity[]>;
  /** Log lines about these guests in these spans, oldest first. */
  logLinesWithin(spans: readonly ResourceSpan[]): Promise<LogLineEntity[]>;

  /** Newest first unless `sort` says otherwise; `beforeId` pages by the version's own id. */
  versions(filter: VersionFilter, page?: { limit: number; beforeId?: number }): Promise<Version[]>;
  /** Not counted beyond `atMost`. */
  countVersions(filter: VersionFilter, atMost?: number): Promise<number>;
  /** All of them without their states, oldest first. */
  steps(filter: VersionFilter): Promise<Step[]>;
  /** The first and the last version of each resource in the interval, without their states. */
  ends(filter: Pick<VersionFilter, 'after' | 'to' | 'type'>): Promise<[End, End][]>;
  /** The newest version of each of these resources with `seq <= at`; deleted ones are included as their last version. */
  versionsAt(at: number, keys: ResourceKey[]): Promise<Version[]>;
  /** Everything that existed at `seq`, deleted resources left out, by type and id. */
  everythingAt(seq: number, type?: ResourceType): Promise<Version[]>;
  /** Resources with at least one version in the interval. */
  changedKeys(filter: VersionFilter): Promise<ResourceKey[]>;

  /**
   * Runs one checked SELECT over the documented views, off the event loop. Example: `query(checkQuery('select name from
   * guests'), {limit: 50, given: {}, now})`. @throws UsageError for what the engine refuses, QueryLimitError where it takes
   * too long or too much
   */
  query(query: CheckedQuery, options: QueryOptions): Promise<QueryResult>;

  /** The newest commit, of one facet where named; `complete: true` looks only at those that covered the facet whole. */
  lastCommit(facet?: Facet, options?: { complete?: boolean; upTo?: number }): Promise<CommitEntity | null>;
  /** Each facet's newest commit; facets without one are left out. */
  lastCommits(facets: Iterable<Facet>): Promise<Map<Facet, CommitEntity>>;
  /** The newest commit written at or before this moment (ms); null when history starts later. */
  commitAt(at: number): Promise<CommitEntity | null>;
  commit(seq: number): Promise<CommitEntity | null>;
  /** Where history begins: the first commit of which nothing has been pruned. Null in an empty store. */
  firstCommit(): Promise<CommitEntity | null>;
  /** In the order of their `seq`. */
  commitsOfRun(runId: number): Promise<CommitEntity[]>;
  /** Those of these ids that exist, oldest first. */
  runs(ids: readonly number[]): Promise<RunEntity[]>;
  /** The run that began last, over or not. */
  lastRun(): Promise<RunEntity | null>;
  /** The lines of this store's life, oldest first; the last one is the present. Never none. */
  lines(): Promise<readonly StoreLine[]>;
  /** A small value kept for a client, such as where its last `diff_state` ended. */
  note(key: string): Promise<string | null>;

  /** The declaration in force, or the one that was at a moment (ms); null where nothing was declared. */
  declaration(at?: number): Promise<RevisionEntity | null>;
  /** A revision by its number. */
  revision(number: number): Promise<RevisionEntity | null>;
  /** Those of a time span (ms, inclusive), newest first. */
  revisions(span: { since?: number | undefined; until?: number | undefined }): Promise<RevisionEntity[]>;
  plan(id: string): Promise<PlanEntity | null>;
  /** Oldest first. */
  plans(filter: PlanFilter): Promise<PlanEntity[]>;
  /** Plans that were begun and of which nobody said how they ended: their process died, or is at it. */
  unendedPlans(): Promise<PlanEntity[]>;
  /** Writes to Proxmox, oldest first. */
  operations(filter: OperationFilter): Promise<OperationEntity[]>;
  /** What happened to one plan, or to all in a time span (ms, inclusive), oldest first. */
  planEvents(filter: {
    plan?: string;
    since?: number | undefined;
    until?: number | undefined;
  }): Promise<PlanEventEntity[]>;
}

/** What one commit writes. All of it or nothing; bulk calls are one statement per table. */
export interface CommitWriter {
  readonly seq: number;
  readonly at: number;
  upsertNodes(rows: NodeEntity[]): Promise<void>;
  upsertGuests(type: GuestType, rows: GuestEntity[]): Promise<void>;
  /** Guests that were seen and whose state stands: their usage, and when they were seen. */
  refreshGuests(type: GuestType, seenAt: number, rows: GuestSighting[]): Promise<void>;
  /** Their versions stay, and so do configurations and details: those are dropped by calls of their own. */
  deleteGuests(type: GuestType, ids: number[]): Promise<void>;
  upsertConfigs(rows: GuestConfigEntity[]): Promise<void>;
  deleteConfigs(keys: { type: GuestType; id: number }[]): Promise<void>;
  /** Guests whose configuration was read: what it tells of them, and nothing else. */
  refreshFromConfigs(type: GuestType, rows: ReportedByConfig[]): Promise<void>;
  upsertStorages(rows: StorageEntity[]): Promise<void>;
  deleteStorages(ids: string[]): Promise<void>;
  upsertNodeStorages(rows: NodeStorageEntity[]): Promise<void>;
  deleteNodeStorages(keys: { nodeId: string; storageId: string }[]): Promise<void>;
  upsertDetails(rows: Detail[]): Promise<void>;
  /** Replaces everything that this source reports of a topic: what it reported before and not now is dropped. */
  replaceDetails(topic: DetailTopic, source: string, rows: Detail[]): Promise<void>;
  /** Drops what was known of guests (`vm/101`) that are gone, or are another guest now. Their backups stay. */
  forgetGuestDetails(keys: readonly string[]): Promise<void>;
  upsertTasks(rows: TaskEntity[]): Promise<void>;
  /** Lines known already stay as they are. */
  insertLogLines(rows: LogLineEntity[]): Promise<void>;
  /** Each gets this commit's `seq` and time, and the next id. */
  insertVersions(rows: DatedVersion[]): Promise<void>;
  /** Replaces what was kept under this key. */
  saveNote(key: string, value: string): Promise<void>;
}

/** What a commit says of itself; see `CommitEntity`. */
export interface CommitOptions {
  runId: number;
  facet: Facet;
  observedAt: OurTime;
  complete: boolean;
}

/** What one process at a time may do: discover, or write to Proxmox. */
export type LeaseRole = 'discover' | 'apply';

/** The right to write, held by one process at a time. `fence` grows with every holder. */
export interface Lease {
  /** `discover` where it is left out. */
  role?: LeaseRole;
  holder: string;
  fence: number;
  expiresAt: number;
  /** What commits under it are dated by (ms): the cluster's time, as far as the holder can tell; else the store's clock. */
  clock?: () => ClusterTime;
  /** Called with what of a commit was left out since the database refused a row of it; without it such a commit fails. */
  refused?: (warning: string) => unknown;
}

/**
 * The store with what discovery alone needs: the lease, runs and commits. Every method @throws an MpcError that says
 * what to do next.
 */
export interface Store extends StoreReader {
  /** Takes the lease, or null while another process holds a living one. `ttlMs` from now, by the engine's clock. */
  acquireLease(holder: string, ttlMs: number, role?: LeaseRole): Promise<Lease | null>;
  /** True while the lease still stands; extends it. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;

  /** Records the cluster this store belongs to, at first sight; later calls refresh all but `firstSeen`. */
  saveCluster(cluster: ClusterEntity): Promise<void>;
  startRun(facets: Facet[]): Promise<RunEntity>;
  /** Records what a run has come to so far. */
  noteRun(run: RunEntity): Promise<void>;
  finishRun(run: RunEntity): Promise<void>;
  /**
   * One transaction with the next `seq`. Its first statement renews the lease with its fence.
   * @throws LeaseLostError when another process took over; nothing is written then.
   */
  commitFacet<T>(
    lease: Lease,
    options: CommitOptions,
    write: (commit: CommitWriter) => Promise<T>,
  ): Promise<T>;
  /**
   * Puts a revision in force after the one that was read before it (`after`, 0 for none). Null where another one came
   * meanwhile: nothing is written then.
   */
  addRevision(after: number, revision: NewRevision): Promise<RevisionEntity | null>;
  /** Keeps usage that was read, in place of what was read before. */
  saveUsage(rows: Detail<'usage'>[]): Promise<void>;
  /** Keeps a plan. @throws DuplicateError where its id is taken. */
  savePlan(plan: PlanEntity): Promise<void>;
  /** Keeps what happened to a plan. */
  addPlanEvent(event: PlanEvent): Promise<void>;
  /** Uses a plan up, or says how carrying it out ended. */
  endPlan(id: string, end: Partial<Pick<PlanEntity, 'usedAt' | 'outcome'>>): Promise<void>;
  /**
   * Records an operation before it is sent. One transaction, whose first statement renews the lease for writing; the first of
   * a plan uses it up.
   * @throws LeaseLostError where another process took over, DuplicateError where the id is taken: nothing is written then
   */
  recordOperation(lease: Lease, operation: OperationEntity, usedAt: number): Promise<void>;
  /** What is known of an operation since. @throws LeaseLostError where another process took over: nothing is written then */
  noteOperation(lease: Lease, id: string, news: OperationNews): Promise<void>;
  /** Replaces what was kept under this key. */
  saveNote(key: string, value: string): Promise<void>;
  /**
   * Gives every stored text and value to one of these with its path of dotted names, and keeps what comes back: what new
   * readings are compared with to `compared`, all else to `told`. Returns the rows that changed.
   */
  maskAll(masks: { told: StoredMask; compared: StoredMask }): Promise<number>;
  /** Drops runs and commits that changed nothing beyond the newest `keep`. */
  trimRuns(keep: number): Promise<void>;
  /** Lets writes under way be finished. */
  close(): Promise<void>;
}
