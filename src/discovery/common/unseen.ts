import type { CommitEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { StoreReader } from '../../model/store.ts';
import type { Unseen } from '../../model/unseen.ts';

/** Commits remembered: answers rest on the newest one of each facet. */
const KEPT = 50;

/** Reads what commits' runs could not see of their facets. It is final once a run has finished, and so is read only once. */
export class UnseenReader {
  readonly #store: StoreReader;
  readonly #known = new Map<string, Unseen[]>();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  /** For each facet, what its own run could not see: a later run of another facet did not look. */
  async of(commits: ReadonlyMap<Facet, CommitEntity>): Promise<Unseen[]> {
    const unread = new Set(
      [...commits.values()].flatMap(one => (this.#known.has(keyOf(one)) ? [] : [one.runId])),
    );
    const read = unread.size === 0 ? [] : await this.#store.runs([...unread]);
    const runs = new Map(read.map(run => [run.id, run]));
    const unseen = [...commits].map(([facet, commit]) => {
      const run = runs.get(commit.runId);
      // Earlier versions did not record the facet.
      const found = run?.unseen.filter(one => (one.facet ?? 'inventory') === facet);
      if (found !== undefined && run!.finishedAt !== null) this.#known.set(keyOf(commit), found);
      return found ?? this.#known.get(keyOf(commit)) ?? [];
    });
    if (this.#known.size > KEPT) this.#known.clear();
    return unseen.flat();
  }
}

/** A store that was reset starts counting again, but at another time. */
function keyOf({ seq, at }: CommitEntity): string {
  return `${seq} ${at}`;
}
