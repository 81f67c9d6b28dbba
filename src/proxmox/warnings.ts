import { oneLine } from './proxmox-error.ts';
import type { Dropped } from './schema.ts';

/** Parts of answers that could not be read: a list with dropped rows was not seen whole. */
export interface ProxmoxWarning {
  /** Path template of the endpoint, such as `/cluster/resources`. */
  endpoint: string;
  what: Dropped['what'];
  reason: string;
  count: number;
  /** Names of up to ten rows concerned. */
  rows: string[];
}

const MAX_WARNINGS = 100;
const MAX_ROWS = 10;

/** Collects warnings and counts equal ones together. */
export class Warnings {
  #found = new Map<string, ProxmoxWarning>();
  #further = 0;

  /** After a hundred different ones, further ones are only counted. */
  add(endpoint: string, dropped: Dropped): void {
    const key = `${endpoint} ${dropped.what} ${dropped.reason}`;
    let warning = this.#found.get(key);
    if (warning === undefined) {
      if (this.#found.size >= MAX_WARNINGS) {
        this.#further++;
        return;
      }
      warning = { endpoint, what: dropped.what, reason: dropped.reason, count: 0, rows: [] };
      this.#found.set(key, warning);
    }
    warning.count++;
    if (dropped.row !== undefined && warning.rows.length < MAX_ROWS) warning.rows.push(dropped.row);
  }

  /** The warnings since the last call; the last one counts those beyond the limit. */
  take(): ProxmoxWarning[] {
    const found = [...this.#found.values()];
    if (this.#further > 0)
      found.push({
        endpoint: 'further answers',
        what: 'field',
        reason: 'parts could not be read, too',
        count: this.#further,
        rows: [],
      });
    this.#found.clear();
    this.#further = 0;
    return found;
  }
}

/** A warning as one line: endpoint, field, and the rows concerned. */
export function warningText({ endpoint, reason, count, rows }: ProxmoxWarning): string {
  const named = rows.map(row => oneLine(row, 200)).join(', ');
  const more = count > rows.length && rows.length > 0 ? ` and ${count - rows.length} more` : '';
  return `${endpoint}: ${reason} (${rows.length > 0 ? `${named}${more}` : count}); taken as not seen`;
}
