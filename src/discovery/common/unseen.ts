import type { CommitEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { StoreReader } from '../../model/store.ts';
import type { Unseen } from '../../model/unseen.ts';

/** Answers rest on the newest commit of each facet: a few at a time. */
const KEPT = 50;

/** What commits' runs could not see of their facets. Once a run has finished that stands, so it is read once. */
export class UnseenReader {
  readonly #store: StoreReader;
  readonly #known = new Map<string, Unseen[]>();

  constructor(store: StoreReader) {
    this.#store = store;
  }

  /** Of each facet what its own run could not see: another facet's run, later or under way, has not looked. */
  async of(commits: ReadonlyMap<Facet, CommitEntity>): Promise<Unseen[]> {
    const unread = new Set(
      [...commits.values()].flatMap(one => (this.#known.has(keyOf(one)) ? [] : [one.runId])),
    );
    const read = unread.size === 0 ? [] : await this.#store.runs([...unread]);
    const runs = new Map(read.map(run => [run.id, run]));
    const unseen = [...commits].map(([facet, commit]) => {
      const run = runs.get(commit.runId);
      // Earlier versions did not write down what it belongs to.
      const found = run?.unseen.filter(one => (one.facet ?? 'inventory') === facet);
      if (found !== undefined && run!.finishedAt !== null) this.#known.set(keyOf(commit), found);
      return found ?? this.#known.get(keyOf(commit)) ?? [];
    });
    if (this.#known.size > KEPT) this.#known.clear();
    return unseen.flat();
  }
}

/** A store that was reset counts from the start again, but at another time. */
function keyOf({ seq, at }: CommitEntity): string {
  return `${seq} ${at}`;
}
