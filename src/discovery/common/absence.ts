import type { Reason } from '../../model/reason.ts';

/** What something is that a listing lacks: proven gone, out of sight, or there and only `left out` of a short listing. */
export type Absence = { verdict: 'deleted' } | { verdict: 'unseen' | 'left out'; reason: Reason };
