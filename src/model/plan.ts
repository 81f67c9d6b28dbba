import type { JsonObject, JsonValue } from './state.ts';

/** What a step does to the guest when it is carried out; `now` also where the guest is off. */
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

/** Who made a field what it is: at the change that did (ms). Nobody where no record tells, with the reason. */
export interface StepAuthors {
  at: number;
  causes: { user: string; type: string }[];
  whyUnknown?: string;
}

/** One field of one resource, brought from the value it has to the one it is to have. */
export interface PlanStep {
  /** `vm/101`. */
  resource: string;
  name: string | null;
  /** Which life of the VMID is meant. */
  incarnation: number;
  path: string;
  /** Null where the key is absent. */
  from: JsonValue;
  to: JsonValue;
  effect: StepEffect;
  /** Absent where it was so ever since it is known. */
  authors?: StepAuthors;
}

/** What a plan leaves alone, and why. */
export interface LeftOut {
  resource: string;
  path: string;
  why: string;
  /** What a person may run instead. */
  command?: string;
  authors?: StepAuthors;
}

/** The steps that bring chosen fields to chosen values: for one approval, once, until it expires. Times in ms. */
export interface PlanEntity {
  /** `p-` and a few letters and digits. */
  id: string;
  /** SHA-256 over cluster, revision and steps, in hexadecimal digits. */
  identity: string;
  /** The revision in force when it was made; 0 where nothing was declared. */
  revision: number;
  /** The client that asked, and for whom it runs. */
  asker: string;
  /** The words of the request. */
  request: JsonObject;
  steps: PlanStep[];
  leftOut: LeftOut[];
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  /** How carrying it out ended; null until it was. */
  outcome: string | null;
}

/** Which plans are meant; all conditions must hold. */
export interface PlanFilter {
  /** Made in this span (ms, inclusive). */
  since?: number | undefined;
  until?: number | undefined;
  ids?: readonly string[];
}
