import type { Facet } from './facet.ts';
import type { ResourceType } from './resource.ts';
import type { JsonObject, JsonValue } from './state.ts';
import type { ClusterTime, OurTime } from './time.ts';

/** `discovered`: first sight, age unknown. `created`: arrived later, with evidence of its creation. */
export const CHANGE_TYPES = ['discovered', 'created', 'updated', 'deleted'] as const;
/** One of `CHANGE_TYPES`. */
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** One changed field: a dotted path into the state, with `null` where it was or became absent. */
export interface FieldChange {
  path: string;
  from: JsonValue;
  to: JsonValue;
}

/** A row of `state_snapshots`: a resource's complete state from commit `seq` on, and what that commit changed. */
export interface Version {
  id: number;
  seq: number;
  at: ClusterTime;
  type: ResourceType;
  resourceId: string;
  incarnation: number;
  change: ChangeType;
  facet: Facet;
  /** The name at that moment; for nodes and storages, their id. */
  name: string | null;
  /** The guest's node; null for storages. */
  node: string | null;
  /** Empty where a facet was seen for the first time: knowledge gained is not a change. */
  fields: FieldChange[];
  state: JsonObject;
  /** The change happened after this moment, when this facet last observed the resource. Null at first sight. */
  windowAfter: ClusterTime | null;
  /** The change happened no later than this. */
  windowBefore: ClusterTime;
}

/** The version that stands at a moment: the state then, without what led to it. */
export type StandingVersion = Omit<Version, 'at' | 'fields' | 'windowAfter'>;

/** A version without its state: what changed, at a fraction of the cost. */
export type Step = Omit<Version, 'state'>;

/** The first or last step of a resource in an interval, reduced to what its net change depends on. */
export type End = Pick<
  Step,
  'id' | 'seq' | 'type' | 'resourceId' | 'incarnation' | 'change' | 'fields' | 'windowAfter'
>;

/** A version without its number. */
export type DatedVersion = Omit<Version, 'id' | 'seq' | 'at'>;

/** A version as decided, with its window by our clock. */
export interface NewVersion extends Omit<DatedVersion, 'windowAfter' | 'windowBefore'> {
  windowAfter: OurTime | null;
  windowBefore: OurTime;
}
