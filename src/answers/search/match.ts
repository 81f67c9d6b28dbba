import type { Facet } from '../../model/facet.ts';

/** Where a query was found in one resource. The smaller the rank, the better. */
export interface Match {
  rank: number;
  /** `name`, `tags`, `config.net0.macaddr` ... */
  field: string;
  value: string;
  source: Facet;
}
