import { diffStates } from '../../history/diff.ts';
import { guestState } from '../../history/resource-state.ts';
import type { ChangeType, FieldChange } from '../../model/change.ts';
import type { GuestEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import type { GuestState } from '../../model/state.ts';
import type { OurTime } from '../../model/time.ts';

/** One guest's change: `before` or `after` is null where it did not exist. */
export interface GuestChange {
  change: ChangeType;
  before: GuestEntity | null;
  after: GuestEntity | null;
  fields: FieldChange[];
  windowAfter: OurTime | null;
  windowBefore: OurTime;
  /** The configuration read together with it, for a new guest. */
  reading?: GuestReading;
}

/** The guest that a change is about, as it is now, or was. */
export function changedGuest({ before, after }: Pick<GuestChange, 'before' | 'after'>): GuestEntity {
  return (after ?? before)!;
}

/** The property of a guest's row that holds each field of its state. */
const KEPT_AS = {
  name: 'name',
  status: 'status',
  node: 'nodeId',
  tags: 'tags',
  pool: 'pool',
  template: 'template',
  lock: 'lockStatus',
  ha: 'haState',
  started_at: 'startedAt',
} as const satisfies { [path in keyof GuestState]?: keyof GuestEntity };

/**
 * All differences between two states of a guest, as one change per moment since which they may exist: fields last confirmed at
 * different times did not change in the same window. A field never confirmed (`confirmedAt` null) is knowledge gained: it comes
 * first, as a discovery. Each change leads from the state that the previous one ended with.
 */
export function changesBetween(
  before: GuestEntity,
  after: GuestEntity,
  confirmedAt: (path: string) => OurTime | null,
  windowBefore: OurTime,
): GuestChange[] {
  const fields = diffStates(guestState(before), guestState(after));
  const windows = Map.groupBy(fields, ({ path }) => confirmedAt(path));
  const ordered = [...windows].sort(
    ([a], [b]) => (a ?? Number.NEGATIVE_INFINITY) - (b ?? Number.NEGATIVE_INFINITY),
  );
  let sofar = before;
  return ordered.map(([since, some], n) => {
    const from = sofar;
    sofar = n === ordered.length - 1 ? after : withFields(from, after, some);
    return {
      change: since === null ? 'discovered' : 'updated',
      before: from,
      after: sofar,
      fields: since === null ? [] : some,
      // A discovery without a window would begin a life.
      windowAfter: since ?? before.lastSeen ?? windowBefore,
      windowBefore,
    };
  });
}

function withFields(guest: GuestEntity, after: GuestEntity, fields: FieldChange[]): GuestEntity {
  const keys = fields.map(({ path }) => KEPT_AS[path as keyof typeof KEPT_AS]);
  return { ...guest, ...Object.fromEntries(keys.map(key => [key, after[key]])) };
}
