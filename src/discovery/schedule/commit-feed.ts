import type { DiscoveryEvent, ResourcesChanged } from '../../model/event.ts';
import { formatKey, type ResourceType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';

/** Called with each event of a discovery. Must not throw. */
export type DiscoveryListener = (event: DiscoveryEvent) => void;

/** What an event needs of a version or a step. */
export interface Changed {
  type: ResourceType;
  resourceId: string;
  change: ResourcesChanged['type'];
}

/**
 * Tells listeners what was committed. Commits of other processes are found in the store, from the last place in the
 * sequence that was told, whenever somebody looks at it.
 */
export class CommitFeed {
  readonly #store: StoreReader;
  readonly #listeners = new Set<DiscoveryListener>();
  /**
   * Everything up to here was announced (`seq`, of that line of the store's life) at that time (ms); null until somebody
   * listens.
   */
  #told: { seq: number; at: number; line: string | undefined } | null = null;
  #catchingUp: Promise<void> = Promise.resolve();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  /** Tells of everything from now on; the answer ends that. */
  listen(listener: DiscoveryListener): () => void {
    this.#listeners.add(listener);
    if (this.#told === null) void this.catchUp().catch(() => {});
    return () => this.#listeners.delete(listener);
  }

  /** Calls those who listen now; nobody who comes later learns of it. */
  tell(event: DiscoveryEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** One event for each kind of change. */
  tellChanges(changes: readonly Changed[]): void {
    for (const [type, group] of Map.groupBy(changes, one => one.change)) {
      const resources = [...new Set(group.map(one => formatKey({ type: one.type, id: one.resourceId })))];
      this.tell({ type, resources });
    }
  }

  /** Whether a commit of another process has not been announced yet. */
  isBehind(seq: number): boolean {
    return this.#listeners.size > 0 && this.#told !== null && seq > this.#told.seq;
  }

  /** Tells what others committed since the last time; at the first time, remembers where the store stands. */
  catchUp(): Promise<void> {
    this.#catchingUp = this.#catchingUp.catch(() => {}).then(() => this.#readOn(true));
    return this.#catchingUp;
  }

  /** Skips what this process committed and announced itself. */
  skipOwn(): Promise<void> {
    this.#catchingUp = this.#catchingUp.catch(() => {}).then(() => this.#readOn(false));
    return this.#catchingUp;
  }

  async #readOn(tell: boolean): Promise<void> {
    if (this.#listeners.size === 0) {
      this.#told = null;
      return;
    }
    const [newest, lines] = await Promise.all([this.#store.lastCommit(), this.#store.lines()]);
    const { seq, at } = newest ?? { seq: 0, at: 0 };
    const line = lines.at(-1);
    const told = this.#told;
    // Restored from a backup since: what was announced after that is no part of this life.
    const from =
      told === null || told.line === line?.id ? told : { ...told, seq: Math.min(told.seq, line?.from ?? 0) };
    this.#told = { seq, at, line: line?.id };
    if (!tell || from === null || seq <= from.seq) return;
    this.tellChanges(await this.#store.steps({ after: from.seq, to: seq }));
    const tasks = await this.#store.tasks({ since: from.at }, undefined, { limit: TASKS_AT_MOST });
    if (tasks.rows.length > 0) this.tell({ type: 'tasks', upids: tasks.rows.map(task => task.upid) });
  }
}

/** Nobody watches more tasks than this one by one. */
const TASKS_AT_MOST = 1_000;
