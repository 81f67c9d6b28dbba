import type { GuestEntity, NodeEntity } from '../../model/entity.ts';
import type { GuestReading, InventoryObservation } from '../../model/observation.ts';
import type { TaskFindings } from '../tasks/findings.ts';
import type { ClockMemory } from './clock.ts';
import type { Rights } from './rights.ts';

/** What the store knows of nodes and guests. */
export interface Known {
  /** By id, those that left included. */
  readonly nodes: ReadonlyMap<string, NodeEntity>;
  /** By `vm/101`. */
  readonly guests: ReadonlyMap<string, GuestEntity>;
}

/** What is known beside what the listing shows, and how the two can be compared. */
export interface Listed extends Known {
  readonly inventory: InventoryObservation;
  readonly rights: Rights;
  /** What the last run tells of our clock and the cluster's. */
  readonly clock: ClockMemory;
}

/** What every facet stands on: what is known as the commits so far leave it, and what the inventory brought besides. */
export interface Ground extends Listed {
  /** The store knew nothing before: this run reads every facet, so that what it finds is one first sight. */
  readonly firstRun: boolean;
  /** Tasks read in this run; null while none were. */
  readonly tasks: TaskFindings | null;
  /** Guests already read in this run, for the config facet to use. */
  readonly readings: ReadonlyMap<string, GuestReading>;
}

/** The same map with these entries set, and without those. */
export function withEntries<V>(
  map: ReadonlyMap<string, V>,
  set: Iterable<readonly [string, V]>,
  without: Iterable<string> = [],
): ReadonlyMap<string, V> {
  const [entries, dropped] = [[...set], [...without]];
  if (entries.length === 0 && dropped.length === 0) return map;
  const next = new Map(map);
  for (const key of dropped) next.delete(key);
  for (const [key, value] of entries) next.set(key, value);
  return next;
}
