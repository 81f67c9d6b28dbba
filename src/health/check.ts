import type { Reason } from '../model/reason.ts';
import type { UnseenPart } from '../model/unseen.ts';
import type { HealthFacts } from './facts.ts';

/** The severities, the lowest first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
/** One of `SEVERITIES`. */
export type Severity = (typeof SEVERITIES)[number];

/** The facts behind a finding: names with units, plain values. */
export type Evidence = { [fact: string]: string | number | boolean | null | undefined | readonly string[] };

/** Since when something is so: since a moment (ms), or since a field of the resource last changed, which history tells. */
export type Since = { at: number } | { field: string };

/** What a check finds wrong with one resource. */
export interface Found {
  /** `vm/101`, `node/pve1`, `storage/nas`, `cluster`. */
  resource: string;
  what: string;
  evidence: Evidence;
  since?: Since | undefined;
  /** If it differs from the check's own. */
  severity?: Severity | undefined;
  next?: string | undefined;
}

/** What a check could not judge, and why. */
export interface Unjudged {
  what: UnseenPart;
  reason: Reason;
}

/** One kind of problem. */
export interface Check {
  name: string;
  severity: Severity;
  /** Why it matters, for the documentation. */
  reason: string;
  /** What it is based on, for the documentation. */
  evidence: string;
  /** What to do about it. */
  next: string;
  /**
   * What has to be read for it: all guests, or their configurations as well. A check without it needs only the guests that are in
   * trouble or on a node that is not online.
   */
  reads?: 'guests' | 'configs';
  /** A check whose finding about a resource already implies this one's: if both find something, one finding is enough. */
  saidBy?: string;
  find: (facts: HealthFacts) => Iterable<Found>;
  /** What it could not judge with these facts. */
  unjudged?: (facts: HealthFacts) => Iterable<Unjudged>;
}

/** One problem that a check found. */
export interface Finding {
  check: string;
  severity: Severity;
  resource: string;
  what: string;
  since: Since | null;
  evidence: Evidence;
  next: string;
  /** `next` is about this finding, not about all findings of the check. */
  isOwnNext: boolean;
}

/** Whether a severity is at least another one. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
