import type { ApplyRefusal, ApplyResult } from '../../model/applying.ts';
import type { PlanEntity } from '../../model/plan.ts';
import type { GuestType } from '../../model/resource.ts';
import type { ApprovalMode, WriteScope } from '../../model/writing.ts';

/** How a person answered who was shown what a plan does. Only `yes` approves; `silence` is a minute without an answer. */
export type Answer = 'yes' | 'no' | 'silence';

/** A way to a person, past whoever made the call: nothing in a call's arguments can answer. */
export interface PersonAsked {
  how: 'elicitation' | 'terminal';
  /** Shows the text, which tells the whole plan, and waits for at most a minute. */
  ask(question: { plan: string; text: string }): Promise<Answer>;
}

/** A guest of a plan that was just made, as it is known. */
export interface PlannedGuest {
  resource: string;
  type: GuestType;
  node: string;
  tags: readonly string[];
  pool: string | null;
  template: boolean;
  /** Its configuration, and what of it waits for a restart. */
  config: { readonly [key: string]: unknown };
  waiting: { readonly [key: string]: unknown };
  /** The bridge of each of its cards: `{net0: 'vmbr0'}`. */
  bridges: { readonly [card: string]: string };
}

/** Carrying out plans. There is none where no token to write with is set. */
export interface Applying {
  readonly approval: ApprovalMode;
  /** The guests that may be written to; null where all may. */
  readonly only: WriteScope | null;
  /** Why this plan could not be carried out as it is; empty where it could. Asks Proxmox what both tokens may do. */
  obstacles(plan: PlanEntity, guests: readonly PlannedGuest[]): Promise<ApplyRefusal[]>;
  /** @throws UsageError where there is no such plan */
  apply(order: ApplyOrder): Promise<ApplyResult>;
}

/** One call that asks for a plan to be carried out. */
export interface ApplyOrder {
  plan: string;
  why: string | null;
  /** The client, and for whom it runs. */
  asker: string;
  /** Undefined where nobody can be reached. */
  person?: PersonAsked | undefined;
  progress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The same, as one call has it. */
export interface ApplyingHere extends Pick<Applying, 'approval' | 'only' | 'obstacles'> {
  /** How whoever calls can ask a person; null where it cannot. */
  asks: PersonAsked['how'] | null;
  apply(order: Pick<ApplyOrder, 'plan' | 'why'>): Promise<ApplyResult>;
}
