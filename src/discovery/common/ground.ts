import type { GuestEntity, NodeEntity } from '../../model/entity.ts';
import type { GuestReading, InventoryObservation } from '../../model/observation.ts';
import type { TaskFindings } from '../tasks/findings.ts';
import type { ClockMemory } from './clock.ts';
import type { Rights } from './rights.ts';

/** What the store knows of nodes and guests. */
export interface Known {
  /** By id, including nodes that left. */
  readonly nodes: ReadonlyMap<string, NodeEntity>;
  /** By `vm/101`. */
  readonly guests: ReadonlyMap<string, GuestEntity>;
}

/** What is known beside the listing, and how their times compare. */
export interface Listed extends Known {
  readonly inventory: InventoryObservation;
  readonly rights: Rights;
  /** What can be said about our clock and the cluster's since the last run. */
  readonly clock: ClockMemory;
}

/** What every facet builds on: the state after the commits so far, and what else the inventory found. */
export interface Ground extends Listed {
  /** The store was empty before: this run reads every facet, so that all it finds is one first sight. */
  readonly firstRun: boolean;
  /** Tasks read in this run; null before any were. */
  readonly tasks: TaskFindings | null;
  /** Guests already read in this run, so that the config facet need not ask again. */
  readonly readings: ReadonlyMap<string, GuestReading>;
}

/** The same map with `set` added and `without` removed. */
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
