import type { Row } from '../../mcp/define/output.ts';
import type { Facet } from '../../model/facet.ts';

/** Where a query was found in one resource. The smaller the rank, the better. */
export interface Match {
  rank: number;
  /** `name`, `tags`, `config.net0.macaddr` ... */
  field: string;
  value: string;
  source: Facet;
}

/** A resource that matches, as the list of matches shows it. */
export interface Found {
  matches: Match[];
  row: Row;
  /** When the best match was read (ms). */
  at: number | null;
}
