import type { OperationState } from './operation.ts';
import type { PlanEntity } from './plan.ts';
import type { JsonValue } from './state.ts';

/** Why a plan is not carried out, or not now. */
export type RefusalCode =
  /** Another process carries out a plan. */
  | 'busy'
  | 'expired'
  | 'used'
  | 'other-cluster'
  | 'no-quorum'
  /** The cluster, or a guest, could not be read. */
  | 'unread'
  /** A field no longer has the value that the plan rests on. */
  | 'moved'
  /** The guest is gone, or another one has its VMID. */
  | 'another-guest'
  /** Proxmox holds the guest for a backup, a snapshot and the like. */
  | 'held'
  | 'too-many'
  /** An earlier write to this guest is not known to have ended. */
  | 'unsettled'
  /** The store could not record what was to be sent. */
  | 'unrecorded'
  /** It is never done, whoever asks and whatever is configured. */
  | 'never'
  /** Something waits at the guest that is never done, and that the write could carry out. */
  | 'waiting'
  | 'kind'
  | 'scope'
  /** The guest has the tag that keeps it from being written to. */
  | 'locked'
  | 'template'
  | 'right'
  | 'approval'
  | 'writing-off';

/** Why a plan is not carried out: a code to decide by, and a sentence for people. */
export interface ApplyRefusal {
  code: RefusalCode;
  resource?: string;
  path?: string;
  /** One sentence, free of secrets; text of the cluster in it is quoted and bounded. */
  what: string;
}

/** Who approved a plan, and how. */
export interface Approval {
  by: string;
  how: 'elicitation' | 'terminal' | 'host';
}

/** What is asked for: one plan, carried out now. */
export interface ApplyRequest {
  plan: string;
  /** The client that asks, and for whom it runs. */
  asker: string;
  why: string | null;
  /** The approval of this plan, or why there is none. Asked once everything else allows it; a person may take a minute. */
  approval(plan: PlanEntity): Promise<Approval | ApplyRefusal>;
  /** Guests done, of all. */
  progress?: ((done: number, total: number) => void) | undefined;
  /** No further guest is begun after it; what was sent is judged all the same. */
  signal?: AbortSignal | undefined;
}

/** What became of one step. */
export interface StepResult {
  resource: string;
  path: string;
  outcome: Exclude<OperationState, 'sent'>;
  /** Why it is not as wanted. */
  error?: string;
  /** What stands instead, where that is known. */
  now?: JsonValue;
  /** The running container has values in force that its configuration does not show. */
  live_differs?: true;
}

/** What became of a plan. `refused`: nothing was sent, for `refusals`. */
export interface ApplyResult {
  plan: string;
  outcome: 'done' | 'partial' | 'failed' | 'refused';
  steps: StepResult[];
  refusals: ApplyRefusal[];
  /** The plan to ask the undo of; null where nothing of it stands. */
  undo: string | null;
}

/** Carries out plans, one at a time in all processes that share a store. */
export interface Applier {
  /** Refusals and failures are results. @throws UsageError where there is no such plan */
  apply(request: ApplyRequest): Promise<ApplyResult>;
  /** Judges what was sent and not known to have ended: at each start, before anything else is carried out. */
  settle(): Promise<void>;
  /** Waits for what is being carried out, and lets nothing more begin. */
  close(): Promise<void>;
}
