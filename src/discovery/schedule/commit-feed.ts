import type { DiscoveryEvent, ResourcesChanged } from '../../model/event.ts';
import { type ResourceType, versionKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';

/** Called with each event of a discovery. Must not throw. */
export type DiscoveryListener = (event: DiscoveryEvent) => void;

/** The parts of a version or a step that an event needs. */
export interface Changed {
  type: ResourceType;
  resourceId: string;
  change: ResourcesChanged['type'];
}

/**
 * Tells listeners what was committed. Commits of other processes are found in the store, from the last announced place in the
 * sequence, whenever somebody looks.
 */
export class CommitFeed {
  readonly #store: StoreReader;
  readonly #listeners = new Set<DiscoveryListener>();
  /**
   * The place (`seq`, on this line of the store) up to which everything was announced, and when (ms); null until somebody
   * listens.
   */
  #announced: { seq: number; at: number; line: string | undefined } | null = null;
  #catchingUp: Promise<void> = Promise.resolve();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  /** Calls the listener for everything from now on. Returns an unsubscribe function. */
  listen(listener: DiscoveryListener): () => void {
    this.#listeners.add(listener);
    if (this.#announced === null) void this.catchUp().catch(() => {});
    return () => this.#listeners.delete(listener);
  }

  /** Calls the present listeners. */
  tell(event: DiscoveryEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Sends one event for each kind of change. */
  tellChanges(changes: readonly Changed[]): void {
    for (const [type, group] of Map.groupBy(changes, one => one.change)) {
      const resources = [...new Set(group.map(versionKey))];
      this.tell({ type, resources });
    }
  }

  /** Whether a commit of another process has not been announced yet. */
  isBehind(seq: number): boolean {
    return this.#listeners.size > 0 && this.#announced !== null && seq > this.#announced.seq;
  }

  /** Announces what others committed since the last time. The first call only records where the store stands. */
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
      this.#announced = null;
      return;
    }
    const [newest, lines] = await Promise.all([this.#store.lastCommit(), this.#store.lines()]);
    const { seq, at } = newest ?? { seq: 0, at: 0 };
    const line = lines.at(-1);
    const announced = this.#announced;
    // Restored from a backup since: what was announced beyond that point is not part of this line.
    const from =
      announced === null || announced.line === line?.id
        ? announced
        : { ...announced, seq: Math.min(announced.seq, line?.from ?? 0) };
    if (tell && from !== null && seq > from.seq) {
      const [steps, tasks] = await Promise.all([
        this.#store.steps({ after: from.seq, to: seq }),
        this.#store.tasks({ since: from.at }, undefined, { limit: TASKS_AT_MOST }),
      ]);
      this.tellChanges(steps);
      if (tasks.rows.length > 0) this.tell({ type: 'tasks', upids: tasks.rows.map(task => task.upid) });
    }
    // Only now: what could not be read is announced the next time.
    this.#announced = { seq, at, line: line?.id };
  }
}

/** Most tasks of other processes that are announced singly. */
const TASKS_AT_MOST = 1_000;
