import type { NewVersion } from '../../model/change.ts';
import type { RunCounts } from '../../model/entity.ts';
import type { Unseen } from '../../model/unseen.ts';
import type { Ground } from './ground.ts';

/** The result of committing a facet. */
export interface Committed {
  /** The ground for the next facet. */
  readonly ground: Ground;
  /** What could not be seen. */
  readonly unseen: readonly Unseen[];
  /** What readers of the run's report should know. */
  readonly warnings: readonly string[];
  readonly counts: RunCounts;
}

/** The parts of a version, or of a guest's change, that decide how it counts. */
type Counted = Pick<NewVersion, 'change' | 'fields' | 'windowAfter'>;

const NONE: RunCounts = { discovered: 0, created: 0, updated: 0, deleted: 0, unchanged: 0 };

/** A commit without changes, unless `more` says otherwise. */
export function committed(ground: Ground, more: Partial<Omit<Committed, 'ground'>> = {}): Committed {
  return { unseen: [], warnings: [], counts: NONE, ...more, ground };
}

/** Counts a commit's versions among `seen` resources. Knowledge gained about known resources counts as unchanged. */
export function countsOf(versions: readonly Counted[], seen = 0): RunCounts {
  const counts = { ...NONE };
  let changed = 0;
  for (const { change, fields, windowAfter } of versions) {
    if (change === 'discovered' && windowAfter !== null) continue;
    if (change === 'updated' && fields.length === 0) continue;
    counts[change] += 1;
    changed += 1;
  }
  return { ...counts, unchanged: Math.max(0, seen - changed) };
}

/** Adds two counts. */
export function addCounts(a: RunCounts, b: RunCounts): RunCounts {
  return {
    discovered: a.discovered + b.discovered,
    created: a.created + b.created,
    updated: a.updated + b.updated,
    deleted: a.deleted + b.deleted,
    unchanged: a.unchanged + b.unchanged,
  };
}

/** Joins two commits into one; the ground is that of the later one. */
export function followedBy(first: Committed | null, then: Committed): Committed {
  if (first === null) return then;
  return {
    ground: then.ground,
    unseen: [...first.unseen, ...then.unseen],
    warnings: [...first.warnings, ...then.warnings],
    counts: addCounts(first.counts, then.counts),
  };
}
