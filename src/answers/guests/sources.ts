import type { BackupFacts, GuestInterface } from '../../model/detail.ts';
import type { GuestType } from '../../model/resource.ts';
import type { GuestConfig, JsonObject } from '../../model/state.ts';
import type { GuestFact } from './fact.ts';

/** A guest's configuration, what waits for a restart (null where that was not told), and its Proxmox snapshots (ms). */
export interface GuestConfigFact {
  config: GuestConfig;
  pending: JsonObject | null;
  snapshots: { readonly [name: string]: number };
}

/** The backups of a guest that could be seen, a line for each storage that holds some. */
export interface GuestBackups {
  on: readonly (BackupFacts & { source: string })[];
  /** Every backup could be seen, and it is known to be this guest's: what is not here is not there. */
  complete: boolean;
}

/** All that is known of a guest, as far as it was asked for: what was not is undefined, what is not known null. */
export interface GuestFacts {
  type: GuestType;
  vmid: number;
  row?: GuestFact;
  config?: GuestConfigFact | null;
  /** Of the configuration just those keys were read that guests are chosen by. */
  partial?: true;
  backups?: GuestBackups | null;
  interfaces?: readonly GuestInterface[] | null;
}

/** What of a guest is read apart from its row. */
const GUEST_PARTS = ['config', 'backups', 'interfaces'] as const;
/** One of `GUEST_PARTS`. */
export type GuestPart = (typeof GUEST_PARTS)[number];
