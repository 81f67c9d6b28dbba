import type { Log } from '../log.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import type { Store } from '../model/store.ts';
import type { ProxmoxReader } from '../proxmox/index.ts';
import type { Operation, ProxmoxWriter } from '../proxmox/operations/index.ts';

/** A guest before a plan is carried out, for deciding whether it may be. */
export interface PermitSubject {
  resource: string;
  type: GuestType;
  vmid: number;
  node: string;
  name: string | null;
  /** As Proxmox shows them now. */
  tags: string[];
  pool: string | null;
  template: boolean;
  /** Disks with a pending change, as `disksWaiting` finds them. */
  disksWaiting: string[];
  /** What would be sent to it. */
  operations: Operation[];
}

/** A connection to the cluster: reads and writes use the same address, and so the same cluster. */
export interface Connection {
  reader: ProxmoxReader;
  writer: ProxmoxWriter;
  close(): void;
}

/** Everything that carrying out a plan needs. */
export interface ApplyPorts {
  store: ApplyStore;
  connect(): Connection;
  /**
   * Reads and records the inventory and these guests. `stale`: why that was not possible, null where it was. `otherCluster`: the
   * API is not that of this store's cluster.
   */
  refresh(resources: string[]): Promise<{ stale: string | null; otherCluster?: boolean }>;
  /** Who changed a field of a guest since a moment (ms), according to history; null where that is not known. */
  whoChanged(resource: string, path: string, since: number): Promise<string | null>;
  /** Why this plan may not write to these guests; empty where it may. Called again if an approval took a while. */
  permit(plan: PlanEntity, subjects: PermitSubject[]): Promise<ApplyRefusal[]>;
  /** The clock that dates plans (ms). */
  now(): number;
  /** The cluster's clock, which dates history (ms). */
  clusterNow(): number;
  wait(ms: number): Promise<void>;
  log: Log;
}

/** The part of the store that carrying out a plan needs. */
export type ApplyStore = Pick<
  Store,
  | 'cluster'
  | 'guest'
  | 'configs'
  | 'plan'
  | 'unendedPlans'
  | 'lastCommit'
  | 'details'
  | 'planEvents'
  | 'operations'
  | 'acquireLease'
  | 'renewLease'
  | 'releaseLease'
  | 'addPlanEvent'
  | 'endPlan'
  | 'recordOperation'
  | 'noteOperation'
>;
