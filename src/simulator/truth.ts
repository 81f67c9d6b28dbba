import { guestDigest } from './digest.ts';
import { truthSettings } from './truth-settings.ts';
import { observableOf, type TruthSource, type TruthState, truthState } from './truth-state.ts';

/** Who made a change and through which task, if any. */
export interface TruthCause {
  /** The task that did it; absent for edits that PVE makes without a task. */
  upid?: string;
  user: string;
  /** A PVE task type, or `update` for an edit without a task. */
  type: string;
}

/** A field that changed. `null` stands for absent. */
export interface TruthField {
  path: string;
  from: unknown;
  to: unknown;
}

/** A change of a resource, as recorded by somebody watching every moment. */
export interface TruthEvent {
  /** Simulated time, milliseconds since 1970. */
  at: number;
  /** `vm/101`, `container/200`, `node/pve1`, `storage/nas`, `pool/prod`, `backup-job/ID`, `ha/vm:100` or `cluster`. */
  resource: string;
  change: 'created' | 'updated' | 'deleted';
  fields?: TruthField[];
  /** Absent if nobody in the cluster can know: a shutdown from inside, a power failure. */
  cause?: TruthCause;
  /** The UPID of `cause`, for convenience. */
  task?: string;
}

/** What really happened in the simulated cluster, to compare with what an observer made of it. */
export class Truth {
  /** All changes since the simulator was created, oldest first. They do not include the initial cluster. */
  readonly events: TruthEvent[] = [];
  readonly #cluster: TruthSource;
  #watching = false;

  constructor(cluster: TruthSource) {
    this.#cluster = cluster;
  }

  /** Every resource as it is now: a copy that later changes do not affect. */
  state(): TruthState {
    return truthState(this.#cluster);
  }

  /** The digest of a guest's config file. */
  digest(vmid: number): string {
    return guestDigest(this.#cluster.guests.get(vmid)!);
  }

  /** Values in effect in a running container although its config says otherwise, by key. */
  inForce(vmid: number): Record<string, unknown> {
    return { ...this.#cluster.guests.get(vmid)?.inForce };
  }

  /** Forgets the events so far. */
  reset(): void {
    this.events.length = 0;
  }

  /** Records that a resource was created or deleted. */
  note(resource: string, change: 'created' | 'deleted', cause?: TruthCause): void {
    this.#add({ at: this.#cluster.clock.now(), resource, change }, cause);
  }

  /** Runs `act` and records which fields of the resource it changed, if any. */
  watch(resource: string, cause: TruthCause | undefined, act: () => void): void {
    const before = observableOf(this.#cluster, resource);
    act();
    this.#noteFields(resource, before, observableOf(this.#cluster, resource), cause);
  }

  /** Runs `act` and notes what it changed of backup jobs, pools and high availability. */
  watchSettings(cause: TruthCause | undefined, act: () => void): void {
    // An enclosing watch records it.
    if (this.#watching) {
      act();
      return;
    }
    const before = truthSettings(this.#cluster);
    this.#watching = true;
    try {
      act();
    } finally {
      this.#watching = false;
    }
    const after = truthSettings(this.#cluster);
    for (const resource of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [was, is] = [before[resource], after[resource]];
      if (was === undefined || is === undefined)
        this.note(resource, was === undefined ? 'created' : 'deleted', cause);
      else this.#noteFields(resource, was, is, cause);
    }
  }

  #noteFields(
    resource: string,
    before: Record<string, unknown>,
    after: Record<string, unknown>,
    cause: TruthCause | undefined,
  ): void {
    const fields: TruthField[] = [];
    for (const path of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      const from = before[path] ?? null;
      const to = after[path] ?? null;
      if (JSON.stringify(from) !== JSON.stringify(to)) fields.push({ path, from, to });
    }
    if (fields.length > 0)
      this.#add({ at: this.#cluster.clock.now(), resource, change: 'updated', fields }, cause);
  }

  #add(event: TruthEvent, cause: TruthCause | undefined): void {
    if (cause !== undefined) event.cause = cause;
    if (cause?.upid !== undefined) event.task = cause.upid;
    this.events.push(event);
  }
}
