import type { BackupFacts, GuestInterface } from '../../model/detail.ts';
import type { GuestType } from '../../model/resource.ts';
import type { GuestConfig, JsonObject } from '../../model/state.ts';
import type { GuestFact } from './fact.ts';

/** A guest's configuration, its pending values (null if not known), and its Proxmox snapshots (ms). */
export interface GuestConfigFact {
  config: GuestConfig;
  pending: JsonObject | null;
  snapshots: { readonly [name: string]: number };
}

/** The visible backups of a guest, an entry for each storage that holds some. */
export interface GuestBackups {
  on: readonly (BackupFacts & { source: string })[];
  /** Every backup could be seen and is known to be this guest's: anything else does not exist. */
  complete: boolean;
}

/** What is known of a guest, as far as it was asked for: undefined if not asked for, null if not known. */
export interface GuestFacts {
  type: GuestType;
  vmid: number;
  row?: GuestFact;
  config?: GuestConfigFact | null;
  /** Only the configuration keys were read that the choice needs. */
  partial?: true;
  backups?: GuestBackups | null;
  interfaces?: readonly GuestInterface[] | null;
}

/** The parts of a guest that are read separately from its row. */
const GUEST_PARTS = ['config', 'backups', 'interfaces'] as const;
/** One of `GUEST_PARTS`. */
export type GuestPart = (typeof GUEST_PARTS)[number];
