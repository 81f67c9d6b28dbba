import type { DatedVersion, End, StandingVersion, Step, Version } from './change.ts';
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
  GuestPage,
  Page,
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

/** A place in the sequence after every commit, the largest number of both engines. */
export const NEWEST_SEQ = 2_147_483_647;

/** The note with how far the cluster's clock was ahead of ours (ms) in the last run. */
export const CLOCK_OFFSET_NOTE = 'clock-offset';

/** The note with how far nodes' clocks were ahead of the cluster's, by when they were read: JSON of discovery's `Era` by node. */
export const NODE_CLOCKS_NOTE = 'node-clocks';

/** An uninterrupted part of a store's life, which begins when the store is created or restored from a backup. */
export interface StoreLine {
  /** Random ASCII letters and digits. */
  id: string;
  /** The last `seq` shared with the line before; 0 in the first line. */
  from: number;
}

/** Returns the replacement for a stored value at a path of dotted names; the same value where nothing changes. */
export type StoredMask = (path: string, value: unknown) => unknown;

/** Reads committed data only: none of these shows rows of an open transaction. */
export interface StoreReader {
  /** The cluster of this store; null until a discovery has claimed it. */
  cluster(): Promise<ClusterEntity | null>;
  /** Whether this resource would be shown if it existed; otherwise its absence means nothing. */
  shows(key: ResourceKey): boolean;
  /** Nodes by id; `online: false` leaves out nodes that are online and in the cluster. */
  nodes(options?: { includeRemoved?: boolean; online?: false }): Promise<NodeEntity[]>;
  /** Guests by VMID or as in `sort`; all that match, or a page. */
  guests(type: GuestType, filter?: GuestFilter, sort?: Sort, page?: Page): Promise<Rows<GuestEntity>>;
  /** Groups in the order of their smallest VMID. */
  guestGroups(type: GuestType): Promise<GuestGroup[]>;
  /** A page with its numbers and the place in the sequence that all of it shows, read at one moment. */
  guestPage(type: GuestType, filter: GuestFilter, sort: Sort, page: Page): Promise<GuestPage>;
  guest(type: GuestType, id: number): Promise<GuestEntity | null>;
  /** The configurations of these guests, without those never read. */
  configs(keys: { type: GuestType; id: number }[]): Promise<GuestConfigEntity[]>;
  /** The configurations of this type of guest whose JSON text, running or pending, passes the test; only these are parsed. */
  configsHolding(type: GuestType, mayHold: (json: string) => boolean): Promise<GuestConfigEntity[]>;
  /**
   * For every configuration of this type, only these keys, and devices by their family: all of `net*`, or only a part,
   * `net*.tag`; of a part's value only the text before its first colon, `scsi*.volume:`, or only values that contain a word,
   * `scsi*.volume~cloudinit`. For questions about all guests; configurations with equal devices may be one object. `pending`
   * includes pending changes.
   */
  configValues(
    type: GuestType,
    keys: readonly string[],
    options?: { pending?: boolean },
  ): Promise<ConfigValues[]>;
  /** Storages by id. */
  storages(): Promise<StorageEntity[]>;
  /** The nodes' views, by node and storage. */
  nodeStorages(): Promise<NodeStorageEntity[]>;
  /** The facts of a topic, of these subjects or of all. */
  details<T extends DetailTopic>(topic: T, subjects?: readonly string[]): Promise<Detail<T>[]>;
  /** The facts of several topics, of these subjects or of all, in the same order within each topic. */
  detailsOf(topics: readonly DetailTopic[], subjects?: readonly string[]): Promise<Detail[]>;
  /** Tasks by start, newest first, or as in `sort`; all that match, or a page. */
  tasks(filter?: TaskFilter, sort?: Sort, page?: Page): Promise<Rows<TaskEntity>>;
  task(upid: string): Promise<TaskEntity | null>;
  /** Lines of a time span (ms, inclusive), oldest first. */
  logLines(filter: { vmid?: number; since: number; until?: number }): Promise<LogLineEntity[]>;
  /** Tasks that ran in any of these spans, the first `atMost` of each, oldest first. Tasks longer than a month are left out. */
  tasksWithin(spans: readonly ResourceSpan[], atMost: number): Promise<TaskEntity[]>;
  /** Log lines about these guests in these spans, oldest first. */
  logLinesWithin(spans: readonly ResourceSpan[]): Promise<LogLineEntity[]>;

  /** Versions, newest first; `beforeId` pages by the version's id. */
  versions(filter: VersionFilter, page?: { limit: number; beforeId?: number }): Promise<Version[]>;
  /** How many versions match, counting at most `atMost`. */
  countVersions(filter: VersionFilter, atMost?: number): Promise<number>;
  /** All versions that match, oldest first, without their states. */
  steps(filter: VersionFilter): Promise<Step[]>;
  /** The first and the last version of each resource in the interval, without their states. */
  ends(filter: Pick<VersionFilter, 'after' | 'to' | 'type'>): Promise<[End, End][]>;
  /** The newest version of each of these resources with `seq <= at`; deleted ones are included as their last version. */
  versionsAt(at: number, keys: ResourceKey[]): Promise<Version[]>;
  /** Everything that existed at `seq`, without deleted resources, by type and id. */
  everythingAt(seq: number, type?: ResourceType): Promise<StandingVersion[]>;
  /** Resources with at least one version in the interval. */
  changedKeys(filter: VersionFilter): Promise<ResourceKey[]>;

  /**
   * Runs one checked SELECT over the documented views, off the event loop. Example: `query(checkQuery('select name from guests'),
   * {limit: 50, given: {}, now})`. @throws UsageError for what the engine refuses, QueryLimitError where it takes too much time
   * or memory
   */
  query(query: CheckedQuery, options: QueryOptions): Promise<QueryResult>;

  /** The newest commit, optionally of one facet; `complete: true` considers only commits that covered the facet in full. */
  lastCommit(facet?: Facet, options?: { complete?: boolean; upTo?: number }): Promise<CommitEntity | null>;
  /** Each facet's newest commit, without facets that have none. */
  lastCommits(facets: Iterable<Facet>): Promise<Map<Facet, CommitEntity>>;
  /** The newest commit written at or before this moment (ms); null when history starts later. */
  commitAt(at: number): Promise<CommitEntity | null>;
  commit(seq: number): Promise<CommitEntity | null>;
  /** Where history begins: the first commit since which nothing has been pruned. Null in an empty store. */
  firstCommit(): Promise<CommitEntity | null>;
  /** The run's commits, in the order of `seq`. */
  commitsOfRun(runId: number): Promise<CommitEntity[]>;
  /** Those of these runs that exist, oldest first. */
  runs(ids: readonly number[]): Promise<RunEntity[]>;
  /** The run that began last, finished or not. */
  lastRun(): Promise<RunEntity | null>;
  /** The lines of this store, oldest first; the last one is the present one. Never empty. */
  lines(): Promise<readonly StoreLine[]>;
  /** A small value kept for a client, such as where its last `diff_state` ended. */
  note(key: string): Promise<string | null>;

  /** The declaration in force, or the one that was at a moment (ms); null where nothing was declared. */
  declaration(at?: number): Promise<RevisionEntity | null>;
  /** A revision by its number. */
  revision(number: number): Promise<RevisionEntity | null>;
  /** The revisions of a time span (ms, inclusive), newest first. */
  revisions(span: { since?: number | undefined; until?: number | undefined }): Promise<RevisionEntity[]>;
  plan(id: string): Promise<PlanEntity | null>;
  /** Plans, oldest first. */
  plans(filter: PlanFilter): Promise<PlanEntity[]>;
  /** Plans that were begun and have no recorded end: their process died, or is still at work. */
  unendedPlans(): Promise<PlanEntity[]>;
  /** Writes to Proxmox, oldest first. */
  operations(filter: OperationFilter): Promise<OperationEntity[]>;
  /** The events of one plan, or of a time span (ms, inclusive), oldest first. */
  planEvents(filter: {
    plan?: string;
    since?: number | undefined;
    until?: number | undefined;
  }): Promise<PlanEventEntity[]>;
}

/** Writes one commit, all or nothing; bulk calls are one statement per table. */
export interface CommitWriter {
  readonly seq: number;
  readonly at: number;
  upsertNodes(rows: NodeEntity[]): Promise<void>;
  upsertGuests(type: GuestType, rows: GuestEntity[]): Promise<void>;
  /** Guests that were seen with their state unchanged: writes their usage, and when they were seen. */
  refreshGuests(type: GuestType, seenAt: number, rows: GuestSighting[]): Promise<void>;
  /** Their versions stay, and so do configurations and details, which have calls of their own. */
  deleteGuests(type: GuestType, ids: number[]): Promise<void>;
  upsertConfigs(rows: GuestConfigEntity[]): Promise<void>;
  deleteConfigs(keys: { type: GuestType; id: number }[]): Promise<void>;
  /** Guests whose configuration was read: writes only what comes from it. */
  refreshFromConfigs(type: GuestType, rows: ReportedByConfig[]): Promise<void>;
  upsertStorages(rows: StorageEntity[]): Promise<void>;
  deleteStorages(ids: string[]): Promise<void>;
  upsertNodeStorages(rows: NodeStorageEntity[]): Promise<void>;
  deleteNodeStorages(keys: { nodeId: string; storageId: string }[]): Promise<void>;
  upsertDetails(rows: Detail[]): Promise<void>;
  /** Replaces everything that this source reported on a topic. */
  replaceDetails(topic: DetailTopic, source: string, rows: Detail[]): Promise<void>;
  /** Drops the details of guests (`vm/101`) that are gone, or are different guests now. Their backups stay. */
  forgetGuestDetails(keys: readonly string[]): Promise<void>;
  upsertTasks(rows: TaskEntity[]): Promise<void>;
  /** Known lines stay as they are. */
  insertLogLines(rows: LogLineEntity[]): Promise<void>;
  /** Each gets this commit's `seq` and time, and the next id. */
  insertVersions(rows: DatedVersion[]): Promise<void>;
  /** Replaces the value of this key. */
  saveNote(key: string, value: string): Promise<void>;
}

/** The properties of a commit; see `CommitEntity`. */
export interface CommitOptions {
  runId: number;
  facet: Facet;
  observedAt: OurTime;
  complete: boolean;
}

/** What only one process at a time may do: discover, or write to Proxmox. */
export type LeaseRole = 'discover' | 'apply';

/** The right to write, held by one process at a time. `fence` grows with every acquisition. */
export interface Lease {
  /** `discover` if absent. */
  role?: LeaseRole;
  holder: string;
  fence: number;
  expiresAt: number;
  /**
   * The clock that dates commits under it (ms): the cluster's time, as far as the holder knows it; otherwise the store's clock.
   */
  clock?: () => ClusterTime;
  /** Called with what a commit left out because the database refused a row of it; without it such a commit fails. */
  refused?: (warning: string) => unknown;
}

/**
 * The store with everything that discovery needs in addition: the lease, runs and commits. Every method @throws an MpcError that
 * says what to do next.
 */
export interface Store extends StoreReader {
  /** Takes the lease for `ttlMs` by the engine's clock; null while another process holds a valid one. */
  acquireLease(holder: string, ttlMs: number, role?: LeaseRole): Promise<Lease | null>;
  /** Extends the lease; false where it is lost. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;

  /** Records the cluster that this store belongs to, at first sight; later calls update everything but `firstSeen`. */
  saveCluster(cluster: ClusterEntity): Promise<void>;
  startRun(facets: Facet[]): Promise<RunEntity>;
  /** Records the progress of a run. */
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
   * Puts a revision in force after the one that was read before (`after`, 0 for none). Returns null, having written nothing, if
   * there is a newer one.
   */
  addRevision(after: number, revision: NewRevision): Promise<RevisionEntity | null>;
  /** Stores usage in place of earlier readings. */
  saveUsage(rows: Detail<'usage'>[]): Promise<void>;
  /** Stores a plan. @throws DuplicateError where its id is taken. */
  savePlan(plan: PlanEntity): Promise<void>;
  /** Stores an event of a plan. */
  addPlanEvent(event: PlanEvent): Promise<void>;
  /** Marks a plan as used, or records its outcome. */
  endPlan(id: string, end: Partial<Pick<PlanEntity, 'usedAt' | 'outcome'>>): Promise<void>;
  /**
   * Records an operation before it is sent. One transaction, whose first statement renews the lease for writing; a plan's first
   * operation marks it as used.
   * @throws LeaseLostError where another process took over, DuplicateError where the id is taken: nothing is written then
   */
  recordOperation(lease: Lease, operation: OperationEntity, usedAt: number): Promise<void>;
  /**
   * Records what has become known about an operation. @throws LeaseLostError where another process took over: nothing is written
   * then
   */
  noteOperation(lease: Lease, id: string, news: OperationNews): Promise<void>;
  /** Replaces the value of this key. */
  saveNote(key: string, value: string): Promise<void>;
  /**
   * Passes every stored text and value, with its path of dotted names, to one of these functions, and stores the result: values
   * that new readings are compared with go to `compared`, all others to `shown`. Returns the number of rows that changed.
   */
  maskAll(masks: { shown: StoredMask; compared: StoredMask }): Promise<number>;
  /** Drops runs and commits without changes, except the newest `keep`. */
  trimRuns(keep: number): Promise<void>;
  /** Waits for pending writes, then closes the store. */
  close(): Promise<void>;
}
