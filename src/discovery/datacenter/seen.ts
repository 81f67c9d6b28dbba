import type { StandingVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { Reason } from '../../model/reason.ts';
import { haIdOf, type SettingType } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import type { OurTime } from '../../model/time.ts';
import type { Absence } from '../common/absence.ts';

/** The lists of the datacenter's settings, by the topic of their facts. */
export const LISTS = ['backup_job', 'pool', 'ha', 'ha_rule'] as const;
/** One of `LISTS`. */
export type ListName = (typeof LISTS)[number];
/** The resource type in history for the items of each list. */
export const TYPE_OF: { readonly [L in ListName]: SettingType } = {
  backup_job: 'backup-job',
  pool: 'pool',
  ha: 'ha',
  ha_rule: 'ha',
};

/** One row of a list. */
export interface SettingSeen {
  /** Its name in history, for HA a service id (`vm:101`). Null where its id does not last. */
  id: string | null;
  /** The part that makes history. */
  state: JsonObject;
  /** Fields of the state that could not be read. */
  unread: readonly string[];
  detail: Detail;
}

/** The rows of a list, and whether all of them could be read. */
export interface ListRead {
  items: SettingSeen[];
  whole: boolean;
}

/** What is known of a list before the run. */
export interface ListKnown {
  /** The newest version of each item, by id; deleted ones only where the item exists again. */
  versions: ReadonlyMap<string, StandingVersion>;
  facts: readonly Detail[];
  /** When it was last read in full (ms); null where it never was. What appears later was created since. */
  lastWhole: OurTime | null;
  /** How far the cluster's clock is ahead of ours (ms). */
  clockAhead: number;
}

/** A list as just read, beside what is known of it. */
export interface ListSeen {
  list: ListName;
  /**
   * Null where it could not be read, because of `failure`; `failure` is null where this version of Proxmox VE has no such list.
   */
  items: readonly SettingSeen[] | null;
  failure: Reason | null;
  /** Every row could be read, and the token may see every item. */
  whole: boolean;
  /** The fate of the known items it lacks, by id. */
  absences: ReadonlyMap<string, Absence>;
  known: ListKnown;
}

/** The datacenter's options in comparable form; null where any of them could not be read. */
export interface OptionsSeen {
  state: JsonObject | null;
  /** When they were last read (ms). */
  lastSeen: OurTime | null;
}

/** The id in history of the item that a fact describes. */
export function idOf(list: ListName, subject: string): string {
  const [type, id = ''] = subject.split('/');
  return list === 'ha' && (type === 'vm' || type === 'container') ? haIdOf({ type, id }) : subject;
}

/** When each that is known was last seen, by its id in history. */
export function sightings({ list, known }: Pick<ListSeen, 'list' | 'known'>): ReadonlyMap<string, OurTime> {
  return new Map(known.facts.map(({ subject, observedAt }) => [idOf(list, subject), observedAt]));
}

/** Whether history has it, other than as deleted. */
export function isLiving(version: StandingVersion | undefined): version is StandingVersion {
  return version !== undefined && version.change !== 'deleted';
}
