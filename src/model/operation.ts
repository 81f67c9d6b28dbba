import type { JsonObject } from './state.ts';

/**
 * The outcome of an operation. `sent`: recorded, nothing else known yet. `verified`: every value is as wanted. `pending`: it will
 * be after a restart. `failed`: it is not, and nothing is under way any more. `unknown`: it may still become so. `reverted`: it
 * failed, and what it left was undone. `not_sent`: it never reached the guest's node.
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

/** A value that an operation was to set; null means that the key is to be (or was) absent. Values are whole, as in the API. */
export interface WantedValue {
  /** A configuration key, or `status`, `node`, `started`, `snapshot:NAME`. */
  key: string;
  /** The value that was in force. */
  from: string | null;
  /** A value that was already pending; undefined without one. */
  waited?: string | null;
  to: string | null;
}

/** One write to Proxmox: recorded before it is sent, and the cause of the change it makes. Kept for ever. Times in ms. */
export interface OperationEntity {
  /** The plan's id and a counter of its writes: `p-7f3k9.3`. */
  id: string;
  plan: string;
  /** `vm/101`. */
  resource: string;
  /** The life of the VMID that was written to. */
  incarnation: number;
  /** The node it was sent to. */
  node: string;
  kind: 'config' | 'revert' | 'power' | 'migrate' | 'snapshot';
  /** The id of the operation whose effects this one undoes, if it does. */
  takesBack: string | null;
  /** The paths of the plan's steps that it was for. */
  paths: string[];
  /** What was sent. */
  sent: JsonObject;
  wanted: WantedValue[];
  /** For a VM, its uuid, to distinguish it from a later VM with its VMID. */
  uuid: string | null;
  /** It asked the HA manager, which acts in its own time. */
  managed: boolean;
  /** In the cluster's time. */
  sentAt: number;
  /** Proxmox's answer; null until it is known, and for ever if the process died. */
  outcome: JsonObject | null;
  upid: string | null;
  /** How its task ended, with `{refusal: null}` for success; null while it has not ended, or without a task. */
  taskEnd: JsonObject | null;
  state: OperationState;
  /** The state of each wanted value when last read. */
  standings: JsonObject;
  /** The configuration's digest in the first reading after our write. */
  digestAfter: string | null;
  /** Values in force in the running container differ from its configuration. */
  liveDiffers: boolean;
  /** It may be named as a cause; false where it certainly wrote nothing. */
  mayBeCause: boolean;
  /** When its outcome was last determined, in the cluster's time. */
  judgedAt: number | null;
  /** The token that wrote. */
  identity: string;
  /** The client that asked, and its user. */
  asker: string;
  why: string | null;
}

/** What may change about an operation after it was sent. */
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

/** The kinds of event in a plan's life. */
export const PLAN_EVENTS = ['approved', 'refused', 'begun', 'ended'] as const;

/** An event in a plan's life, kept for ever. */
export interface PlanEvent {
  plan: string;
  /** In ms, by our clock. */
  at: number;
  type: (typeof PLAN_EVENTS)[number];
  /** Who approved, or who asked for what was refused. */
  who: string;
  /** How it was approved: `elicitation`, `terminal`, `host`; null for other events. */
  how: string | null;
  /** The reasons of a refusal, or the outcome at the end. */
  facts: JsonObject;
}

/** A stored event, numbered in the order of storing. */
export interface PlanEventEntity extends PlanEvent {
  id: number;
}

/** A filter for operations; all conditions must hold. */
export interface OperationFilter {
  plan?: string;
  states?: readonly OperationState[];
  /** Sent in this span (ms, inclusive). */
  since?: number | undefined;
  until?: number | undefined;
  resources?: readonly string[];
}
