import type { Dropped } from './schema.ts';

/** Parts of answers that could not be read: a list with dropped rows was not seen whole. */
export interface ProxmoxWarning {
  /** Path template of the endpoint, such as `/cluster/resources`. */
  endpoint: string;
  what: Dropped['what'];
  reason: string;
  count: number;
  /** Names of the rows concerned, at most ten. */
  rows: string[];
}

const MAX_WARNINGS = 100;
const MAX_ROWS = 10;

/** Collects warnings, equal ones counted together, at most a hundred different ones. */
export class Warnings {
  #found = new Map<string, ProxmoxWarning>();

  /** Beyond a hundred different ones nothing is added. */
  add(endpoint: string, dropped: Dropped): void {
    const key = `${endpoint} ${dropped.what} ${dropped.reason}`;
    let warning = this.#found.get(key);
    if (warning === undefined) {
      if (this.#found.size >= MAX_WARNINGS) return;
      warning = { endpoint, what: dropped.what, reason: dropped.reason, count: 0, rows: [] };
      this.#found.set(key, warning);
    }
    warning.count++;
    if (dropped.row !== undefined && warning.rows.length < MAX_ROWS) warning.rows.push(dropped.row);
  }

  /** What was found since this was last asked. */
  take(): ProxmoxWarning[] {
    const found = [...this.#found.values()];
    this.#found.clear();
    return found;
  }
}
