import type { CommitEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { OurTime } from '../../model/time.ts';
import { age } from '../common/clock.ts';

/** Facets that cost a request a guest, node or storage, or a handful for what is seldom edited, may grow as old as configurations. */
const SLOW: ReadonlySet<Facet> = new Set(['config', 'datacenter', 'details', 'backups', 'addresses']);

/** What callers ask for: which facets are too old for them, and which soon will be. */
export class FreshnessPolicy {
  readonly #now: () => OurTime;
  readonly #configMaxAge: number;
  /** When a facet was last asked for, and how old it might be (ms). */
  readonly #asked = new Map<Facet, { at: number; maxAge: number }>();

  constructor(now: () => OurTime, configMaxAge: number) {
    this.#now = now;
    this.#configMaxAge = configMaxAge;
  }

  /** The facets that no commit young enough covers. */
  due(facets: Iterable<Facet>, maxAgeMs: number, commits: ReadonlyMap<Facet, CommitEntity>): Set<Facet> {
    const due = new Set<Facet>();
    for (const facet of facets) {
      const commit = commits.get(facet);
      const maxAge = SLOW.has(facet) ? Math.max(maxAgeMs && this.#configMaxAge, maxAgeMs) : maxAgeMs;
      if (maxAge > 0 && !SLOW.has(facet)) this.#asked.set(facet, { at: this.#now(), maxAge });
      if (commit === undefined || maxAge === 0 || age(commit.observedAt, this.#now()) > maxAge)
        due.add(facet);
    }
    return due;
  }

  /** What was asked for of late and will soon be too old: brought along, it does not cost a run of its own. */
  aging(commits: ReadonlyMap<Facet, CommitEntity>): Facet[] {
    const now = this.#now();
    return [...this.#asked].flatMap(([facet, { at, maxAge }]) => {
      if (age(at, now) > maxAge) return [];
      const commit = commits.get(facet);
      return commit === undefined || age(commit.observedAt, now) > maxAge / 2 ? [facet] : [];
    });
  }
}
