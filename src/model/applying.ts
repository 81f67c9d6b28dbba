import type { OperationState } from './operation.ts';
import type { PlanEntity } from './plan.ts';
import type { JsonValue } from './state.ts';

/** Why a plan is not carried out, or not now. */
export type RefusalCode =
  /** Another process is carrying out a plan. */
  | 'busy'
  | 'expired'
  | 'used'
  | 'other-cluster'
  | 'no-quorum'
  /** The cluster, or a guest, could not be read. */
  | 'unread'
  /** A field no longer has the value that the plan was made for. */
  | 'moved'
  /** The guest is gone, or a different one has its VMID. */
  | 'another-guest'
  /** Proxmox has locked the guest, for a backup, a snapshot and the like. */
  | 'held'
  | 'too-many'
  /** It is not known that an earlier write to this guest has ended. */
  | 'unsettled'
  /** The store could not record what was to be sent. */
  | 'unrecorded'
  /** This is never done, whoever asks and whatever is configured. */
  | 'never'
  /** The guest has a pending change of a kind that is never made, and this write could apply it. */
  | 'waiting'
  | 'kind'
  | 'scope'
  /** The guest has the tag that forbids writing to it. */
  | 'locked'
  | 'template'
  | 'right'
  | 'approval'
  | 'writing-off';

/** Why a plan is not carried out: a code for decisions, and a sentence for people. A type and no interface, since it is kept as JSON. */
export type ApplyRefusal = {
  code: RefusalCode;
  resource?: string;
  path?: string;
  /** One sentence without secrets; text of the cluster in it is quoted and bounded. */
  what: string;
};

/** Who approved a plan, and how. */
export interface Approval {
  by: string;
  how: 'elicitation' | 'terminal' | 'host';
}

/** A request to carry out one plan now. */
export interface ApplyRequest {
  plan: string;
  /** The client that asks, and its user. */
  asker: string;
  why: string | null;
  /** The approval of this plan, or why there is none. Called once everything else allows the plan; a person may take a minute. */
  approval(plan: PlanEntity): Promise<Approval | ApplyRefusal>;
  /** Called with the number of guests done, and of all guests. */
  progress?: ((done: number, total: number) => void) | undefined;
  /** When aborted, no further guest is begun; the outcome of what was sent is determined all the same. */
  signal?: AbortSignal | undefined;
}

/** The outcome of one step. */
export interface StepResult {
  resource: string;
  path: string;
  outcome: Exclude<OperationState, 'sent'>;
  /** Why it is not as wanted. */
  error?: string;
  /** The present value, where it is known. */
  now?: JsonValue;
  /** Values in force in the running container differ from its configuration. */
  live_differs?: true;
}

/** The outcome of a plan. `refused`: nothing was sent, because of `refusals`. */
export interface ApplyResult {
  plan: string;
  outcome: 'done' | 'partial' | 'failed' | 'refused';
  steps: StepResult[];
  refusals: ApplyRefusal[];
  /** The plan whose undo can be asked for; null where nothing of it took effect. */
  undo: string | null;
}

/** Carries out plans, one at a time among all processes that share a store. */
export interface Applier {
  /** Carries out a plan. Refusals and failures are results, not errors. @throws UsageError where there is no such plan */
  apply(request: ApplyRequest): Promise<ApplyResult>;
  /**
   * Determines the outcome of operations that are not known to have ended: at each start, before anything else is carried out.
   */
  settle(): Promise<void>;
  /** Waits for the plan being carried out, and lets no other begin. */
  close(): Promise<void>;
}
