import type { Log } from '../log.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import type { Store } from '../model/store.ts';
import type { ProxmoxReader } from '../proxmox/index.ts';
import type { Operation, ProxmoxWriter } from '../proxmox/operations/index.ts';

/** A guest as it is before a plan is carried out, for whoever decides whether it may be. */
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
  /** Disks of which a change waits for a restart, as `disksWaiting` tells. */
  disksWaiting: string[];
  /** What would be sent to it. */
  operations: Operation[];
}

/** One line to the cluster: what is read and what is written go by the same address, and so to the same cluster. */
export interface Connection {
  reader: ProxmoxReader;
  writer: ProxmoxWriter;
  close(): void;
}

/** What carrying out a plan works with. */
export interface ApplyPorts {
  store: ApplyStore;
  connect(): Connection;
  /**
   * Reads the inventory and these guests anew and records them. `stale`: why that was not possible, null where it was.
   * `otherCluster`: what answers is not the cluster of this store.
   */
  refresh(resources: string[]): Promise<{ stale: string | null; otherCluster?: boolean }>;
  /** Who changed a field of a guest since a moment (ms), as far as history tells; null where it does not. */
  whoChanged(resource: string, path: string, since: number): Promise<string | null>;
  /** Why these guests may not be written to by this plan; empty where they may. Asked twice where an approval took its time. */
  permit(plan: PlanEntity, subjects: PermitSubject[]): Promise<ApplyRefusal[]>;
  /** The clock that dates plans (ms). */
  now(): number;
  /** The cluster's clock, which dates history (ms). */
  clusterNow(): number;
  wait(ms: number): Promise<void>;
  log: Log;
}

/** What of the store carrying out needs. */
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
