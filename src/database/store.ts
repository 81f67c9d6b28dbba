import type { NewRevision, RevisionEntity } from '../model/declaration.ts';
import type { Detail } from '../model/detail.ts';
import type { CommitEntity, RunEntity } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import type { OperationEntity, OperationNews, PlanEvent } from '../model/operation.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import type { CommitOptions, CommitWriter, Lease, LeaseRole, Store } from '../model/store.ts';
import { clusterTime } from '../model/time.ts';
import { TransactionWriter } from './commit-writer.ts';
import { LeaseLostError } from './errors.ts';
import { maskStored } from './maintenance/mask.ts';
import { type Repositories, repositoriesOf } from './repositories/index.ts';
import type { RootSession, Session } from './session/session.ts';
import { sparingRows } from './sparing-rows.ts';

/** How long a commit renews a lease that was not taken through this store, in ms. */
const DEFAULT_TTL_MS = 60_000;

/** The store on either engine: implements the port of `model/store.ts` with the repositories. */
export class DatabaseStore implements Store {
  /** The repositories, with each call on its own. */
  readonly repositories: Repositories;
  readonly #session: RootSession;
  readonly #now: () => number;
  readonly #ttls = new Map<string, number>();

  constructor(session: RootSession, now: () => number) {
    this.#session = session;
    this.#now = now;
    this.repositories = repositoriesOf(session);
  }

  shows: Store['shows'] = () => true;

  /** All of `work` or, on any error, nothing. Its reads include its writes. */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.#session.transaction(tx => work(repositoriesOf(tx)));
  }

  #guests(type: GuestType) {
    return type === 'vm' ? this.repositories.vms : this.repositories.containers;
  }

  cluster: Store['cluster'] = () => this.repositories.cluster.current();
  nodes: Store['nodes'] = options => this.repositories.nodes.list(options);
  guests: Store['guests'] = (type, filter, sort, page) => this.#guests(type).list(filter, sort, page);
  guestGroups: Store['guestGroups'] = type => this.#guests(type).groups();
  guestPage: Store['guestPage'] = (type, filter, sort, page) => this.#guests(type).page(filter, sort, page);
  guest: Store['guest'] = (type, id) => this.#guests(type).findById(id);
  configs: Store['configs'] = keys => this.repositories.guestConfigs.of(keys);
  configValues: Store['configValues'] = (type, keys, options) =>
    this.repositories.guestConfigs.values(type, keys, options);
  configsHolding: Store['configsHolding'] = (type, mayHold) =>
    this.repositories.guestConfigs.holding(type, mayHold);
  storages: Store['storages'] = () => this.repositories.storages.list();
  nodeStorages: Store['nodeStorages'] = () => this.repositories.nodeStorages.list();
  details: Store['details'] = (topic, subjects) => this.repositories.details.of(topic, subjects);
  detailsOf: Store['detailsOf'] = (topics, subjects) => this.repositories.details.ofTopics(topics, subjects);
  tasks: Store['tasks'] = (filter, sort, page) => this.repositories.tasks.list(filter, sort, page);
  task: Store['task'] = upid => this.repositories.tasks.findById(upid);
  logLines: Store['logLines'] = filter => this.repositories.logLines.between(filter);
  tasksWithin: Store['tasksWithin'] = (spans, atMost) => this.repositories.tasks.within(spans, atMost);
  logLinesWithin: Store['logLinesWithin'] = spans => this.repositories.logLines.within(spans);

  versions: Store['versions'] = (filter, page) => this.repositories.stateSnapshots.list(filter, page);
  steps: Store['steps'] = filter => this.repositories.stateSnapshots.steps(filter);
  countVersions: Store['countVersions'] = (filter, atMost) =>
    this.repositories.stateSnapshots.count(filter, atMost);
  ends: Store['ends'] = filter => this.repositories.stateSnapshots.ends(filter);
  versionsAt: Store['versionsAt'] = (at, keys) => this.repositories.stateSnapshots.at(at, keys);
  everythingAt: Store['everythingAt'] = (seq, type) => this.repositories.stateSnapshots.everything(seq, type);
  changedKeys: Store['changedKeys'] = filter => this.repositories.stateSnapshots.changedKeys(filter);

  query: Store['query'] = (query, options) => this.#session.query(query, options);

  lastCommit: Store['lastCommit'] = (facet, options) => this.repositories.commits.last(facet, options);
  lastCommits: Store['lastCommits'] = facets => this.repositories.commits.lastOf(facets);
  commitAt: Store['commitAt'] = at => this.repositories.commits.at(at);
  commit: Store['commit'] = seq => this.repositories.commits.findById(seq);
  commitsOfRun: Store['commitsOfRun'] = runId => this.repositories.commits.ofRun(runId);
  runs: Store['runs'] = ids => this.repositories.discoveryRuns.of(ids);
  lastRun: Store['lastRun'] = () => this.repositories.discoveryRuns.last();

  async firstCommit(): Promise<CommitEntity | null> {
    return this.repositories.commits.first(await this.repositories.notes.horizon());
  }

  lines: Store['lines'] = () => this.repositories.notes.lines();

  async note(key: string): Promise<string | null> {
    return (await this.repositories.notes.findById(key))?.value ?? null;
  }

  declaration: Store['declaration'] = at =>
    at === undefined
      ? this.repositories.declarationRevisions.newest()
      : this.repositories.declarationRevisions.at(at);
  revision: Store['revision'] = number => this.repositories.declarationRevisions.findById(number);
  revisions: Store['revisions'] = span => this.repositories.declarationRevisions.between(span);
  plan: Store['plan'] = id => this.repositories.plans.findById(id);
  plans: Store['plans'] = filter => this.repositories.plans.list(filter);
  unendedPlans: Store['unendedPlans'] = () => this.repositories.plans.unended();
  operations: Store['operations'] = filter => this.repositories.operations.list(filter);
  planEvents: Store['planEvents'] = filter => this.repositories.planEvents.list(filter);

  addRevision(after: number, revision: NewRevision): Promise<RevisionEntity | null> {
    const entity = { number: after + 1, ...revision };
    return this.transaction(async ({ declarationRevisions }) => {
      const newest = await declarationRevisions.newest();
      if ((newest?.number ?? 0) !== after) return null;
      return (await declarationRevisions.add(entity)) ? entity : null;
    });
  }

  async savePlan(plan: PlanEntity): Promise<void> {
    await this.repositories.plans.create(plan);
  }

  async addPlanEvent(event: PlanEvent): Promise<void> {
    await this.repositories.planEvents.create(event);
  }

  async endPlan(id: string, end: Partial<PlanEntity>): Promise<void> {
    await this.repositories.plans.update(id, end);
  }

  recordOperation(lease: Lease, operation: OperationEntity, usedAt: number): Promise<void> {
    return this.#underLease(lease, async ({ operations, plans }) => {
      await operations.create(operation);
      const plan = await plans.findById(operation.plan);
      if (plan?.usedAt === null) await plans.update(plan.id, { usedAt });
    });
  }

  noteOperation(lease: Lease, id: string, news: OperationNews): Promise<void> {
    return this.#underLease(lease, async ({ operations }) => {
      await operations.update(id, news);
    });
  }

  async acquireLease(holder: string, ttlMs: number, role?: LeaseRole): Promise<Lease | null> {
    await this.#session.stillThere();
    const lease = await this.repositories.lease.acquire(holder, ttlMs, role);
    if (lease) this.#ttls.set(holder, ttlMs);
    return lease;
  }

  renewLease: Store['renewLease'] = (lease, ttlMs) => this.repositories.lease.renew(lease, ttlMs);
  releaseLease: Store['releaseLease'] = lease => this.repositories.lease.release(lease);
  saveCluster: Store['saveCluster'] = cluster =>
    this.transaction(repositories => repositories.cluster.save(cluster));

  startRun(facets: Facet[]): Promise<RunEntity> {
    return this.repositories.discoveryRuns.create({
      startedAt: this.#now(),
      finishedAt: null,
      status: 'running',
      facets,
      apiCalls: 0,
      counts: { discovered: 0, created: 0, updated: 0, deleted: 0, unchanged: 0 },
      unseen: [],
      warnings: [],
      error: null,
    });
  }

  async noteRun({ id, ...facts }: RunEntity): Promise<void> {
    await this.repositories.discoveryRuns.update(id, facts);
  }

  finishRun(run: RunEntity): Promise<void> {
    return this.noteRun({ ...run, finishedAt: run.finishedAt ?? this.#now() });
  }

  async commitFacet<T>(
    lease: Lease,
    options: CommitOptions,
    write: (commit: CommitWriter) => Promise<T>,
  ): Promise<T> {
    return sparingRows(lease.refused, sparing =>
      this.#renewed(lease, async tx => {
        const { commits } = repositoriesOf(tx);
        const commit = await commits.open(options, lease.clock?.() ?? clusterTime(this.#now()));
        const writer = new TransactionWriter(tx, commit, sparing);
        const result = await write(writer);
        if (writer.changes > 0) await commits.update(commit.seq, { changes: writer.changes });
        return result;
      }),
    );
  }

  #underLease<T>(lease: Lease, work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.#renewed(lease, tx => work(repositoriesOf(tx)));
  }

  /** One transaction whose first statement renews the lease. @throws LeaseLostError */
  #renewed<T>(lease: Lease, work: (tx: Session) => Promise<T>): Promise<T> {
    const ttlMs = this.#ttls.get(lease.holder) ?? DEFAULT_TTL_MS;
    return this.#session.transaction(work, async tx => {
      if (!(await repositoriesOf(tx).lease.renew(lease, ttlMs))) throw new LeaseLostError(lease.holder);
    });
  }

  async saveUsage(rows: Detail<'usage'>[]): Promise<void> {
    await this.repositories.details.upsertMany(rows);
  }

  async saveNote(key: string, value: string): Promise<void> {
    await this.repositories.notes.upsertMany([{ key, value }]);
  }

  maskAll: Store['maskAll'] = masks => maskStored(this.repositories, masks);

  async trimRuns(keep: number): Promise<void> {
    await this.transaction(async ({ commits, discoveryRuns }) => {
      await commits.trim(keep);
      await discoveryRuns.trim(keep);
    });
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
