import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CommitEntity, RunEntity } from '../model/entity.ts';
import { FACETS, type Facet } from '../model/facet.ts';
import type { Freshness } from '../model/freshness.ts';
import type { Lease, Store } from '../model/store.ts';
import { type OurTime, ourTime, toClusterTime } from '../model/time.ts';
import { type ProxmoxClient, ProxmoxError, type ProxmoxRun, warningText } from '../proxmox/index.ts';
import { maskText, maskValue } from '../text/mask.ts';
import { ClusterMismatchError } from './common/errors.ts';
import { NodeClocks } from './common/node-clocks.ts';
import type { DiscoveryRequest, DiscoveryScope } from './common/scope.ts';
import { keepingLength, sealOf } from './common/seal.ts';
import { UnseenReader } from './common/unseen.ts';
import { RootCertificate } from './inventory/root-certificate.ts';
import { executeRun } from './run.ts';
import type { ActiveRun } from './schedule/active-run.ts';
import { CommitFeed, type DiscoveryListener } from './schedule/commit-feed.ts';
import { FreshnessPolicy } from './schedule/freshness-policy.ts';
import { Leadership } from './schedule/leadership.ts';
import { Progress } from './schedule/progress.ts';
import { readFreshness } from './schedule/read-freshness.ts';
import { RunQueue } from './schedule/run-queue.ts';

/** How often the store is checked for changes that other processes recorded (ms). */
const LOOK_EVERY_MS = 5_000;
/** How long a caller waits for another attempt while the API is known to be down (ms). */
const DOWN_WAIT_MS = 100;
const AGED_CONFIGS_AT_MOST = 200;
/** How many runs and commits without changes are kept. */
const IDLE_RUNS_KEPT = 500;

/** What a discovery works with. */
export interface DiscoveryOptions {
  store: Store;
  client: ProxmoxClient;
  log: Log;
  /** How old a configuration may grow before it is read again (ms). */
  configMaxAgeMs: number;
  /** How long a caller waits for a refresh before it gets the stored state with its age (ms). */
  waitMs?: number;
  now?: () => number;
}

/** What a caller needs, and how young. */
export interface EnsureRequest extends DiscoveryRequest {
  /** How old a facet may be (ms); 0 forces a refresh. */
  maxAgeMs: number;
  signal?: AbortSignal | undefined;
}

/** Keeps the store young: refreshes what a caller needs, once for all who wait. */
export interface Discovery {
  /**
   * Refreshes the facets that are too old, waits for them at most `waitMs`, and returns what the store now rests on. A failure is
   * not thrown: the answer is `stale`, with the reason.
   * @throws ClusterMismatchError, or the failure itself where the store knows nothing at all yet.
   */
  ensure(request: EnsureRequest): Promise<Freshness>;
  /** The facets among these that no sufficiently young commit covers. */
  due(request: Pick<EnsureRequest, 'facets' | 'maxAgeMs'>): Promise<Set<Facet>>;
  /** Runs a discovery now and waits for all of it. @throws whatever kept the inventory from being read. */
  discover(request: DiscoveryRequest): Promise<RunEntity>;
  /** Reports runs, their progress and commits from now on, by this process or another. Returns an unsubscribe function. */
  onEvent(listener: DiscoveryListener): () => void;
  /** Ends a run under way at its next commit. */
  close(): Promise<void>;
}

/** Creates the process's only discovery. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  return new DiscoveryService(options);
}

class DiscoveryService implements Discovery {
  readonly #store: Store;
  readonly #client: ProxmoxClient;
  readonly #log: Log;
  readonly #now: () => OurTime;
  readonly #waitMs: number;
  readonly #configMaxAge: number;
  readonly #feed: CommitFeed;
  #looking: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();
  readonly #queue = new RunQueue(active => this.#execute(active));
  readonly #rootCertificate = new RootCertificate();
  readonly #clocks = new NodeClocks();
  readonly #unseen: UnseenReader;
  readonly #freshness: FreshnessPolicy;
  readonly #leadership: Leadership;
  #runs = 0;
  /** Why no API answered in the last run; null while one answers. */
  #outage: ProxmoxError | null = null;

  constructor(options: DiscoveryOptions) {
    this.#store = options.store;
    this.#client = options.client;
    this.#feed = new CommitFeed(options.store);
    this.#log = options.log;
    const now = options.now ?? Date.now;
    this.#now = () => ourTime(now());
    this.#waitMs = options.waitMs ?? 20_000;
    this.#configMaxAge = options.configMaxAgeMs;
    this.#unseen = new UnseenReader(options.store);
    this.#freshness = new FreshnessPolicy(this.#now, options.configMaxAgeMs);
    this.#leadership = new Leadership(options.store, this.#log, this.#closing.signal);
  }

  onEvent(listener: DiscoveryListener): () => void {
    // Other processes commit while nobody asks this one anything.
    this.#looking ??= setInterval(() => {
      if (this.#queue.current === null) this.#inBackground(this.#feed.catchUp());
    }, LOOK_EVERY_MS).unref();
    return this.#feed.listen(listener);
  }

  async ensure(request: EnsureRequest): Promise<Freshness> {
    // Every facet builds on the inventory, and a named guest on its configuration as well.
    const restsOn = [
      ...request.facets,
      'inventory',
      ...(request.guests.size > 0 ? ['config'] : []),
    ] as Facet[];
    let commits = await this.#store.lastCommits(new Set(restsOn));
    const due = this.#due(request, commits);
    let failure: unknown = null;
    if (due.size > 0 || request.deep || request.guests.size > 0) {
      const wanted = { facets: due, deep: request.deep, guests: request.guests };
      failure = await this.#refresh(wanted, request).then(
        () => null,
        (error: unknown) => error ?? new Error('the refresh failed'),
      );
      request.signal?.throwIfAborted();
      commits = await this.#store.lastCommits(new Set(restsOn));
    }
    if (failure instanceof ClusterMismatchError) throw failure;
    return readFreshness(this.#unseen, request.facets, commits, failure);
  }

  discover(request: DiscoveryRequest): Promise<RunEntity> {
    return this.#queue.schedule(request, this.#now()).finished;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#looking);
    await this.#queue.settled();
  }

  async due(request: Pick<EnsureRequest, 'facets' | 'maxAgeMs'>): Promise<Set<Facet>> {
    return this.#due(request, await this.#store.lastCommits(request.facets));
  }

  #due(
    { facets, maxAgeMs }: Pick<EnsureRequest, 'facets' | 'maxAgeMs'>,
    commits: ReadonlyMap<Facet, CommitEntity>,
  ): Set<Facet> {
    const newest = Math.max(0, ...[...commits.values()].map(commit => commit.seq));
    if (this.#feed.isBehind(newest) && this.#queue.current?.startedAt === undefined)
      this.#inBackground(this.#feed.catchUp());
    return this.#freshness.due(facets, maxAgeMs, commits);
  }

  #inBackground(work: Promise<void>): void {
    work.catch(error =>
      this.#log.warn('changes of other processes not told', { error: describeError(error) }),
    );
  }

  /** Waits for a refresh that began late enough, at most as long as a caller should wait. */
  async #refresh(wanted: DiscoveryRequest, { maxAgeMs, signal }: EnsureRequest): Promise<void> {
    const outage = this.#outage;
    const run = this.#queue.schedule(wanted, this.#now() - maxAgeMs);
    const timeout = new AbortController();
    const waitMs = outage === null ? this.#waitMs : Math.min(DOWN_WAIT_MS, this.#waitMs);
    const limit = delay(waitMs, undefined, { signal: timeout.signal }).then(() => {
      throw outage ?? new Error(slow(run, waitMs));
    });
    const cancelled = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      await Promise.race([run.wait(wanted.facets.size > 0 ? wanted.facets : ['config']), limit, cancelled]);
    } finally {
      timeout.abort();
      limit.catch(() => {});
      cancelled.catch(() => {});
    }
  }

  async #execute(active: ActiveRun): Promise<void> {
    try {
      const other = await this.#leadership.take(active, lease => this.#run(active, lease));
      if (other === null) return;
      active.done(other);
      await this.#feed.catchUp();
    } catch (error) {
      active.failed(error);
    }
  }

  async #run(active: ActiveRun, lease: Lease): Promise<void> {
    const commits = await this.#store.lastCommits(new Set(FACETS));
    for (const facet of this.#freshness.aging(commits)) active.request.facets.add(facet);
    active.startedAt = this.#now();
    await this.#feed.catchUp();
    const seal = await sealOf(this.#store);
    const run = await this.#store.startRun([...active.request.facets]);
    const progress = new Progress(event => this.#feed.tell(event));
    const over = new AbortController();
    // The only way into the store: everything is masked and sealed here.
    const api = this.#client.run({
      observer: progress,
      signal: over.signal,
      seal: data => maskValue('', data, keepingLength(seal)),
    });
    this.#feed.tell({ type: 'run started', run: run.id, facets: run.facets });
    const refused = (warning: string) => run.warnings.push(maskText(warning));
    try {
      await executeRun(
        this.#scope({ active, lease: { ...lease, refused }, runId: run.id, api, progress }),
        active,
        run,
      );
      run.status = 'completed';
      this.#outage = null;
    } catch (error) {
      this.#outage = error instanceof ProxmoxError && error.isOutage ? error : null;
      run.status = 'failed';
      run.error = describeError(error);
      throw error;
    } finally {
      // A request that one of its siblings has made useless would otherwise go on, and its failure hold against later runs.
      over.abort();
      await this.#finish(run, api);
    }
    active.done(run);
  }

  /** What the stages of a run may use. */
  #scope({
    active,
    lease,
    runId,
    api,
    progress,
  }: {
    active: ActiveRun;
    lease: Lease;
    runId: number;
    api: ProxmoxRun;
    progress: Progress;
  }): DiscoveryScope {
    const clockOffset = () => this.#client.clockOffsetMs ?? 0;
    return {
      api,
      store: this.#store,
      lease: { ...lease, clock: () => toClusterTime(this.#now(), clockOffset()) },
      runId,
      log: this.#log,
      now: this.#now,
      request: active.request,
      limits: { configMaxAge: this.#configMaxAge, agedConfigsAtMost: AGED_CONFIGS_AT_MOST },
      clockOffset,
      clocks: this.#clocks,
      rootFingerprint: (inventory, again) => this.#rootCertificate.fingerprint(inventory, api, again),
      shouldStop: () => this.#closing.signal.aborted || (this.#queue.isAwaited && !active.request.deep),
      feed: {
        changed: changes => this.#feed.tellChanges(changes),
        tasks: upids => {
          if (upids.length > 0) this.#feed.tell({ type: 'tasks', upids: [...upids] });
        },
        expect: requests => progress.expect(requests),
      },
    };
  }

  async #finish(run: RunEntity, api: ProxmoxRun): Promise<void> {
    run.finishedAt = this.#now();
    run.apiCalls = api.calls;
    run.warnings.push(...api.takeWarnings().map(warning => maskText(warningText(warning))));
    await this.#store.finishRun(run);
    await this.#feed.skipOwn();
    this.#feed.tell({ type: 'run completed', run });
    if (++this.#runs % 50 === 0) await this.#store.trimRuns(IDLE_RUNS_KEPT);
  }
}

/** Why a caller waits no longer. A run that has not begun waits for another run, or for whoever keeps the store locked. */
function slow({ startedAt }: ActiveRun, waitMs: number): string {
  const seconds = Math.round(waitMs / 1000);
  return startedAt === undefined
    ? `the refresh could not begin within ${seconds} s: another one is under way, or another program keeps the store locked`
    : `the refresh is still running after ${seconds} s`;
}
