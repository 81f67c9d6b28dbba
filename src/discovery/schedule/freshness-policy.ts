import type { CommitEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { OurTime } from '../../model/time.ts';
import { age } from '../common/clock.ts';

/** Facets that cost a request per guest, node or storage, or change rarely: they may grow as old as configurations. */
const SLOW: ReadonlySet<Facet> = new Set(['config', 'datacenter', 'details', 'backups', 'addresses']);

/** Knows what callers ask for: which facets are too old for them, and which soon will be. */
export class FreshnessPolicy {
  readonly #now: () => OurTime;
  readonly #configMaxAge: number;
  /** When a facet was last asked for, and the age allowed then (ms). */
  readonly #asked = new Map<Facet, { at: number; maxAge: number }>();

  constructor(now: () => OurTime, configMaxAge: number) {
    this.#now = now;
    this.#configMaxAge = configMaxAge;
  }

  /** The facets that no sufficiently young commit covers. */
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

  /** Facets asked for recently that will soon be too old: read along now, they cost no run of their own. */
  aging(commits: ReadonlyMap<Facet, CommitEntity>): Facet[] {
    const now = this.#now();
    return [...this.#asked].flatMap(([facet, { at, maxAge }]) => {
      if (age(at, now) > maxAge) return [];
      const commit = commits.get(facet);
      return commit === undefined || age(commit.observedAt, now) > maxAge / 2 ? [facet] : [];
    });
  }
}
