import type { Facet } from './facet.ts';
import type { Reason } from './reason.ts';
import type { Unseen } from './unseen.ts';

/** What an answer is based on. */
export interface Freshness {
  /** When each facet, and usage, was read from the API (ms); null where it never was. */
  asOf: { [facet in Facet | 'usage']?: number | null };
  /** `live`: everything is as young as asked for. `store`: at least one facet could not be refreshed. */
  source: 'live' | 'store';
  /** Why the answer is older than asked for, and since when. */
  stale: { since: number | null; reason: Reason } | null;
  /** What the last runs of these facets could not see. */
  unseen: Unseen[];
}
