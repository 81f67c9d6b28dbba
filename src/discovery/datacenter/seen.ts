import type { Version } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { Reason } from '../../model/reason.ts';
import { haIdOf, type SettingType } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import type { OurTime } from '../../model/time.ts';
import type { Absence } from '../common/absence.ts';

/** The lists of what is set for the datacenter as a whole, by the topic of their facts. */
export const LISTS = ['backup_job', 'pool', 'ha', 'ha_rule'] as const;
/** One of `LISTS`. */
export type ListName = (typeof LISTS)[number];
/** What history calls what stands in each list. */
export const TYPE_OF: { readonly [L in ListName]: SettingType } = {
  backup_job: 'backup-job',
  pool: 'pool',
  ha: 'ha',
  ha_rule: 'ha',
};

/** One row of a list. */
export interface SettingSeen {
  /** As history names it: a sid (`vm:101`) of high availability. Null where its id is none that lasts. */
  id: string | null;
  /** What makes its history. */
  state: JsonObject;
  /** Fields of the state that could not be read. */
  unread: readonly string[];
  detail: Detail;
}

/** The rows of a list, and whether each of them could be read. */
export interface ListRead {
  items: SettingSeen[];
  whole: boolean;
}

/** What is known of a list before the run. */
export interface ListKnown {
  /** The newest version of each, by its id; of those that were deleted only where they are there again. */
  versions: ReadonlyMap<string, Version>;
  facts: readonly Detail[];
  /** When it was last read whole (ms); null where it never was: what comes since was made since. */
  lastWhole: OurTime | null;
  /** How far the cluster's clock is ahead of ours (ms). */
  clockAhead: number;
}

/** A list as a look found it, beside what is known of it. */
export interface ListSeen {
  list: ListName;
  /** Null where it could not be read, for this reason; none where the version of Proxmox VE has no such list. */
  items: readonly SettingSeen[] | null;
  failure: Reason | null;
  /** Each row could be read, and the token may see every one there is. */
  whole: boolean;
  /** What became of those that it lacks (by id). */
  absences: ReadonlyMap<string, Absence>;
  known: ListKnown;
}

/** The options of the datacenter in comparable form; null where they, or all of them, could not be read. */
export interface OptionsSeen {
  state: JsonObject | null;
  /** When they were last read (ms). */
  lastSeen: OurTime | null;
}

/** The id in history of what a fact is about. */
export function idOf(list: ListName, subject: string): string {
  const [type, id = ''] = subject.split('/');
  return list === 'ha' && (type === 'vm' || type === 'container') ? haIdOf({ type, id }) : subject;
}

/** Whether history knows it, and not as deleted. */
export function isLiving(version: Version | undefined): version is Version {
  return version !== undefined && version.change !== 'deleted';
}
