import type { ApplyRefusal, ApplyResult } from '../../model/applying.ts';
import type { PlanEntity } from '../../model/plan.ts';
import type { GuestType } from '../../model/resource.ts';
import type { ApprovalMode, WriteScope } from '../../model/writing.ts';

/** How a person answered a question that showed a plan. Only `yes` approves; `silence` means no answer in time. */
export type Answer = 'yes' | 'no' | 'silence';

/** A way to reach a person past the caller: nothing in a call's arguments can answer. */
export interface PersonAsked {
  how: 'elicitation' | 'terminal';
  /** Shows the text, which contains the whole plan, and waits for an answer for a limited time. */
  ask(question: { plan: string; text: string }): Promise<Answer>;
}

/** A guest of a new plan, as far as it is known. */
export interface PlannedGuest {
  resource: string;
  type: GuestType;
  node: string;
  tags: readonly string[];
  pool: string | null;
  template: boolean;
  /** Its configuration, and the values that wait for a restart. */
  config: { readonly [key: string]: unknown };
  waiting: { readonly [key: string]: unknown };
  /** The bridge of each network card: `{net0: 'vmbr0'}`. */
  bridges: { readonly [card: string]: string };
}

/** Carries out plans. Absent unless a token for writing is set. */
export interface Applying {
  readonly approval: ApprovalMode;
  /** The guests that may be written to; null for all. */
  readonly only: WriteScope | null;
  /** Why this plan could not be carried out as it is; empty if it could. Asks Proxmox what both tokens may do. */
  obstacles(plan: PlanEntity, guests: readonly PlannedGuest[]): Promise<ApplyRefusal[]>;
  /** @throws UsageError if there is no such plan */
  apply(order: ApplyOrder): Promise<ApplyResult>;
}

/** One call that asks for a plan to be carried out. */
export interface ApplyOrder {
  plan: string;
  why: string | null;
  /** The client, and the user it runs for. */
  asker: string;
  /** Undefined if no person can be reached. */
  person?: PersonAsked | undefined;
  progress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The same, bound to one call. */
export interface ApplyingHere extends Pick<Applying, 'approval' | 'only' | 'obstacles'> {
  /** How a person can be asked during this call; null if none can. */
  asks: PersonAsked['how'] | null;
  apply(order: Pick<ApplyOrder, 'plan' | 'why'>): Promise<ApplyResult>;
}
