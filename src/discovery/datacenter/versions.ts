import { diffStates } from '../../history/diff.ts';
import type { NewVersion, StandingVersion } from '../../model/change.ts';
import type { JsonObject } from '../../model/state.ts';
import { type OurTime, toOurTime } from '../../model/time.ts';
import { isLiving, type ListSeen, type SettingSeen, sightings, TYPE_OF } from './seen.ts';

/** The versions that a look at a list adds to the history of its items. Items that the list merely lacks keep theirs. Pure. */
export function settingVersions(
  seen: ListSeen,
  items: readonly SettingSeen[],
  observedAt: OurTime,
): NewVersion[] {
  const { absences, known } = seen;
  const sights = sightings(seen);
  const gone = [...absences].flatMap(([id, { verdict }]) => {
    const before = known.versions.get(id);
    return verdict === 'deleted' && isLiving(before) ? [before] : [];
  });
  return [
    ...items.flatMap(item => versionOf(seen, item, sights, observedAt) ?? []),
    ...gone.map(before =>
      version(seen, before.resourceId, observedAt, {
        incarnation: before.incarnation,
        change: 'deleted',
        state: before.state,
        windowAfter: lastSeen(seen, before, sights),
      }),
    ),
  ];
}

function versionOf(
  seen: ListSeen,
  { id, state, unread }: SettingSeen,
  sights: Sights,
  observedAt: OurTime,
): NewVersion | null {
  if (id === null) return null;
  const before = seen.known.versions.get(id);
  if (!isLiving(before)) return unread.length > 0 ? null : arrival(seen, id, state, before, observedAt);
  const now = withKnown(state, before.state, unread);
  const fields = diffStates(before.state, now);
  if (fields.length === 0) return null;
  return version(seen, id, observedAt, {
    incarnation: before.incarnation,
    change: 'updated',
    fields,
    state: now,
    windowAfter: lastSeen(seen, before, sights),
  });
}

/** An item new to the store was created if all existing items had been seen before; otherwise it is discovered. */
function arrival(
  { known, ...seen }: ListSeen,
  id: string,
  state: JsonObject,
  before: StandingVersion | undefined,
  observedAt: OurTime,
): NewVersion {
  return version({ known, ...seen }, id, observedAt, {
    incarnation: (before?.incarnation ?? 0) + 1,
    change: known.lastWhole === null ? 'discovered' : 'created',
    state,
    windowAfter: known.lastWhole,
  });
}

/** The state, with unread fields as they were known. */
function withKnown(state: JsonObject, before: JsonObject, unread: readonly string[]): JsonObject {
  const now = { ...state };
  for (const field of unread) {
    const was = before[field];
    if (was === undefined) delete now[field];
    else now[field] = was;
  }
  return now;
}

type Sights = ReturnType<typeof sightings>;

/** When it was last seen, with whichever token. */
function lastSeen({ known }: ListSeen, before: StandingVersion, sights: Sights): OurTime {
  return sights.get(before.resourceId) ?? known.lastWhole ?? toOurTime(before.windowBefore, known.clockAhead);
}

function version(
  { list }: ListSeen,
  id: string,
  observedAt: OurTime,
  parts: Pick<NewVersion, 'incarnation' | 'change' | 'state' | 'windowAfter'> & {
    fields?: NewVersion['fields'];
  },
): NewVersion {
  return {
    type: TYPE_OF[list],
    resourceId: id,
    facet: 'datacenter',
    name: id,
    node: null,
    fields: [],
    windowBefore: observedAt,
    ...parts,
  };
}
