import type { JsonObject, JsonValue } from './state.ts';

/** What a step does to the guest when it is carried out; `now` also for a guest that is off. */
export const EFFECTS = [
  'now',
  'now, link drops briefly',
  'after restart',
  'restarts it',
  'starts it',
  'shuts it down',
  'moves it',
  'task',
] as const;
/** One of `EFFECTS`. */
export type StepEffect = (typeof EFFECTS)[number];

/** Who set a field's present value, and when (ms). `causes` is empty where no record says who, with the reason. */
export interface StepAuthors {
  at: number;
  causes: { user: string; type: string }[];
  whyUnknown?: string;
}

/** A change of one field of one resource from its present value to the wanted one. */
export interface PlanStep {
  /** `vm/101`. */
  resource: string;
  name: string | null;
  /** The life of the VMID that is meant. */
  incarnation: number;
  path: string;
  /** Null where the key is absent. */
  from: JsonValue;
  to: JsonValue;
  effect: StepEffect;
  /** Absent where the value has been the same ever since it is known. */
  authors?: StepAuthors;
}

/** A change that a plan leaves out, and why. */
export interface LeftOut {
  resource: string;
  path: string;
  why: string;
  /** A command that a person may run instead. */
  command?: string;
  authors?: StepAuthors;
}

/** The steps that bring chosen fields to chosen values: valid for one approval and one use, until it expires. Times in ms. */
export interface PlanEntity {
  /** `p-` and a few letters and digits. */
  id: string;
  /** SHA-256 over cluster, revision and steps, in hexadecimal. */
  identity: string;
  /** The revision in force when it was made; 0 where nothing was declared. */
  revision: number;
  /** The client that asked, and its user. */
  asker: string;
  /** The arguments of the request. */
  request: JsonObject;
  steps: PlanStep[];
  leftOut: LeftOut[];
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  /** The outcome of carrying it out; null until then. */
  outcome: string | null;
}

/** A filter for plans; all conditions must hold. */
export interface PlanFilter {
  /** Made in this span (ms, inclusive). */
  since?: number | undefined;
  until?: number | undefined;
  ids?: readonly string[];
}
