import type { Reason } from '../model/reason.ts';
import type { UnseenPart } from '../model/unseen.ts';
import type { HealthFacts } from './facts.ts';

/** How pressing a finding is, the least first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
/** One of `SEVERITIES`. */
export type Severity = (typeof SEVERITIES)[number];

/** The facts a finding rests on: names with units, plain values. */
export type Evidence = { [fact: string]: string | number | boolean | null | undefined | readonly string[] };

/** Since when something is so: a moment (ms), or since a field of the resource last changed, which history tells. */
export type Since = { at: number } | { field: string };

/** What a check finds wrong with one resource. */
export interface Found {
  /** `vm/101`, `node/pve1`, `storage/nas`, `cluster`. */
  resource: string;
  what: string;
  evidence: Evidence;
  since?: Since | undefined;
  /** Where it differs from the check's own. */
  severity?: Severity | undefined;
  next?: string | undefined;
}

/** What a check could not judge, and why. */
export interface Unjudged {
  what: UnseenPart;
  reason: Reason;
}

/** One thing that can be wrong. */
export interface Check {
  name: string;
  severity: Severity;
  /** Why it matters, as documentation. */
  reason: string;
  /** What it rests on, as documentation. */
  evidence: string;
  /** What to do about it. */
  next: string;
  /**
   * What costs a reading of its own: all guests, or their configurations too. Without it a check is content with the guests that are
   * in trouble, or on a node that is not online.
   */
  reads?: 'guests' | 'configs';
  /** The check whose finding about a resource says what this one would say of it: where both run, one finding is enough. */
  saidBy?: string;
  find: (facts: HealthFacts) => Iterable<Found>;
  /** What it could not judge with these facts. */
  unjudged?: (facts: HealthFacts) => Iterable<Unjudged>;
}

/** One thing that is wrong, as a check found it. */
export interface Finding {
  check: string;
  severity: Severity;
  resource: string;
  what: string;
  since: Since | null;
  evidence: Evidence;
  next: string;
  /** What to do is said of this finding, not of all that the check finds. */
  isOwnNext: boolean;
}

/** Whether a severity is at least that. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
