import type { NewVersion } from '../../model/change.ts';
import type { ClusterFacts, Detail } from '../../model/detail.ts';
import type { Reason } from '../../model/reason.ts';
import { formatKey } from '../../model/resource.ts';
import type { OurTime } from '../../model/time.ts';
import type { PlainPart, Unseen } from '../../model/unseen.ts';
import type { KnownCluster } from '../inventory/decide-cluster.ts';
import { decideOptions } from './decide-options.ts';
import {
  idOf,
  isLiving,
  type ListName,
  type ListSeen,
  type OptionsSeen,
  type SettingSeen,
  sightings,
  TYPE_OF,
} from './seen.ts';
import { settingVersions } from './versions.ts';

/** Everything a look at the datacenter found. */
export interface DatacenterObserved {
  observedAt: OurTime;
  /** Why nothing here makes history: a node without the majority has outdated settings. Null where the node has it. */
  cutOff: Reason | null;
  lists: readonly ListSeen[];
  options: OptionsSeen;
  /** The state of the cluster; null where nothing of it could be read. */
  facts: ClusterFacts | null;
  cluster: KnownCluster | null;
  unseen: readonly Unseen[];
}

/** What is to be written about the datacenter; `reported` replaces all rows of a topic. */
export interface DatacenterDecided {
  observedAt: OurTime;
  complete: boolean;
  unseen: readonly Unseen[];
  reported: { topic: ListName; rows: Detail[] }[];
  details: Detail[];
  versions: NewVersion[];
}

/** Decides what is known of the datacenter now. What a list merely lacks keeps its state. Pure. */
export function decideDatacenter(observed: DatacenterObserved): DatacenterDecided {
  const { observedAt, cutOff, lists, cluster, facts } = observed;
  const options = cutOff === null ? observed.options : { ...observed.options, state: null };
  const ofOptions = decideOptions(cluster, options, observedAt);
  const decided = lists.map(list => decideList(list, observedAt, cutOff));
  const looks = [...decided.flatMap(one => one.look ?? []), ...lookAtOptions(options, observedAt)];
  const about: Detail[] =
    facts === null ? [] : [{ topic: 'cluster', subject: '', source: '', data: facts, observedAt }];
  return {
    observedAt,
    complete: cutOff === null && options.state !== null && decided.every(one => one.whole),
    unseen: [...observed.unseen, ...decided.flatMap(one => one.unseen)],
    reported: decided.flatMap(one => one.reported ?? []),
    details: [...about, ...looks, ...ofOptions.details],
    versions: [...decided.flatMap(one => one.versions), ...ofOptions.versions],
  };
}

interface ListDecided {
  whole: boolean;
  look: Detail | null;
  reported: DatacenterDecided['reported'][number] | null;
  versions: NewVersion[];
  unseen: Unseen[];
}

function decideList(seen: ListSeen, observedAt: OurTime, cutOff: Reason | null): ListDecided {
  const { list, items, failure, absences, known } = seen;
  const reason = cutOff ?? failure;
  if (items === null || (cutOff !== null && known.facts.length + known.versions.size > 0))
    return {
      // A version of Proxmox VE without such a list has nothing of it to see.
      whole: reason === null,
      look: reason === null ? null : lookOf(seen, false, observedAt),
      reported: null,
      versions: [],
      unseen: reason === null ? [] : unseenOf(list, keysKnown(seen), known.lastWhole, reason),
    };
  // A new item is only known once all of it could be read.
  const readable = items.every(
    ({ id, unread }) => id === null || unread.length === 0 || isLiving(known.versions.get(id)),
  );
  const leftOut = [...absences.values()].some(one => one.verdict !== 'deleted');
  const whole = cutOff === null && seen.whole && readable && !leftOut;
  return {
    whole,
    look: lookOf(seen, whole, observedAt),
    reported: { topic: list, rows: factsNow(seen, items) },
    versions: cutOff === null ? settingVersions(seen, items, observedAt) : [],
    unseen: absentUnseen(seen),
  };
}

/**
 * The items that were seen, and those not proven gone with their earlier age. An item that could not be read in full is as old as
 * before: a change in the unread part dates from then on.
 */
function factsNow({ list, absences, known }: ListSeen, items: readonly SettingSeen[]): Detail[] {
  const listed = new Set(items.map(one => one.detail.subject));
  const former = new Map(known.facts.map(({ subject, observedAt }) => [subject, observedAt]));
  const stay = known.facts.filter(
    ({ subject }) => !listed.has(subject) && absences.get(idOf(list, subject))?.verdict !== 'deleted',
  );
  const now = items.map(({ detail, unread }) => ({
    ...detail,
    observedAt: unread.length === 0 ? detail.observedAt : (former.get(detail.subject) ?? detail.observedAt),
  }));
  return [...now, ...stay];
}

function lookOf({ list, known }: ListSeen, whole: boolean, observedAt: OurTime): Detail | null {
  const at = whole ? observedAt : known.lastWhole;
  return at === null ? null : lookRow(list, whole, at);
}

function lookAtOptions({ state, lastSeen }: OptionsSeen, observedAt: OurTime): Detail[] {
  const at = state === null ? lastSeen : observedAt;
  return at === null ? [] : [lookRow('options', state !== null, at)];
}

function lookRow(subject: string, whole: boolean, observedAt: OurTime): Detail {
  return { topic: 'list_look', subject, source: '', data: { whole }, observedAt };
}

const PARTS = {
  backup_job: 'backup-jobs',
  pool: 'pools',
  ha: 'ha',
  ha_rule: 'ha-rules',
} as const satisfies { [L in ListName]: PlainPart };

/**
 * What the token may never read is reported once, by test-connection; what it, or another token, saw before is reported as
 * unseen.
 */
function unseenOf(list: ListName, resources: string[], since: OurTime | null, reason: Reason): Unseen[] {
  if (reason.code === 'no-right' && resources.length === 0) return [];
  return [{ what: { code: PARTS[list] }, since, reason, ...(resources.length > 0 && { resources }) }];
}

function absentUnseen({ list, absences, known }: ListSeen): Unseen[] {
  const sights = sightings({ list, known });
  return [...absences].flatMap(([id, absence]) => {
    if (absence.verdict !== 'unseen') return [];
    const key = formatKey({ type: TYPE_OF[list], id });
    const since = sights.get(id) ?? known.lastWhole;
    return [{ what: { code: 'resource', resource: key }, since, reason: absence.reason, resources: [key] }];
  });
}

function keysKnown({ list, known }: ListSeen): string[] {
  const ids = new Set([
    ...known.facts.map(fact => idOf(list, fact.subject)),
    ...[...known.versions.values()].filter(isLiving).map(version => version.resourceId),
  ]);
  return [...ids].map(id => formatKey({ type: TYPE_OF[list], id }));
}
