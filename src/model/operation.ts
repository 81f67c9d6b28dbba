import type { JsonObject } from './state.ts';

/**
 * What became of an operation. `sent`: recorded, and nothing known yet. `verified`: every value stands as wanted. `pending`:
 * it will after a restart. `failed`: it does not, and nothing is at work any more. `unknown`: it may yet. `reverted`: it
 * failed, and what it left was taken back. `not_sent`: it never reached the guest's node.
 */
export const OPERATION_STATES = [
  'sent',
  'verified',
  'pending',
  'failed',
  'unknown',
  'reverted',
  'not_sent',
] as const;
/** One of `OPERATION_STATES`. */
export type OperationState = (typeof OPERATION_STATES)[number];

/** One value that an operation was to bring about; null: the key is to be (or was) absent. Values whole, as the API has them. */
export interface WantedValue {
  /** A configuration key, or `status`, `node`, `started`, `snapshot:NAME`. */
  key: string;
  /** What was in force. */
  from: string | null;
  /** What waited for a restart already; undefined where nothing did. */
  waited?: string | null;
  to: string | null;
}

/** One write to Proxmox: recorded before it is sent, and the cause of the change it made. Kept for ever. Times in ms. */
export interface OperationEntity {
  /** The plan and a number that counts its writes: `p-7f3k9.3`. */
  id: string;
  plan: string;
  /** `vm/101`. */
  resource: string;
  /** Which life of the VMID was written to. */
  incarnation: number;
  /** The node it was sent to. */
  node: string;
  kind: 'config' | 'revert' | 'power' | 'migrate' | 'snapshot';
  /** Of one that takes back what another left: that one's id. */
  takesBack: string | null;
  /** The fields of the plan it was for. */
  paths: string[];
  /** What was sent. */
  sent: JsonObject;
  wanted: WantedValue[];
  /** Of a VM, its uuid: what tells it from another one that has its VMID later. */
  uuid: string | null;
  /** It asked the manager of high availability, which acts when it likes. */
  managed: boolean;
  /** By the cluster's clock. */
  sentAt: number;
  /** How Proxmox answered; null until that is known, and for ever where the process died. */
  outcome: JsonObject | null;
  upid: string | null;
  /** How its task ended: `{refusal: null}` well; null where it has not, or there is none. */
  taskEnd: JsonObject | null;
  state: OperationState;
  /** How each wanted value stood when it was last looked at. */
  standings: JsonObject;
  /** The digest that our own write left, by the first reading after it. */
  digestAfter: string | null;
  /** A running container has values in force that its configuration does not show. */
  liveDiffers: boolean;
  /** It may be named as a cause: false where it is certain that it wrote nothing. */
  mayBeCause: boolean;
  /** When it was last judged, by the cluster's clock. */
  judgedAt: number | null;
  /** Whose token wrote. */
  identity: string;
  /** The client that asked, and for whom it runs. */
  asker: string;
  why: string | null;
}

/** What changes of an operation once it was sent. */
export type OperationNews = Partial<
  Pick<
    OperationEntity,
    | 'outcome'
    | 'upid'
    | 'taskEnd'
    | 'state'
    | 'standings'
    | 'digestAfter'
    | 'liveDiffers'
    | 'mayBeCause'
    | 'judgedAt'
  >
>;

/** What happened to a plan. */
export const PLAN_EVENTS = ['approved', 'refused', 'begun', 'ended'] as const;

/** Something that happened to a plan, kept for ever. */
export interface PlanEvent {
  plan: string;
  /** In ms, by our clock. */
  at: number;
  type: (typeof PLAN_EVENTS)[number];
  /** Who approved, or who asked for what was refused. */
  who: string;
  /** How it was approved: `elicitation`, `terminal`, `host`; null for all else. */
  how: string | null;
  /** Of a refusal the reasons; of an end the outcome. */
  facts: JsonObject;
}

/** A plan's event once it is kept, numbered in the order of their keeping. */
export interface PlanEventEntity extends PlanEvent {
  id: number;
}

/** Which operations are meant; all conditions must hold. */
export interface OperationFilter {
  plan?: string;
  states?: readonly OperationState[];
  /** Sent in this span (ms, inclusive). */
  since?: number | undefined;
  until?: number | undefined;
  resources?: readonly string[];
}
