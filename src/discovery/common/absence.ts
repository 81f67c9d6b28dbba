import type { Reason } from '../../model/reason.ts';

/** What it means that a listing lacks something: proven gone, out of sight, or there but left out of an incomplete listing. */
export type Absence = { verdict: 'deleted' } | { verdict: 'unseen' | 'left out'; reason: Reason };
