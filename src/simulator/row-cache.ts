import { isStale } from './guest-rows.ts';
import type { Random } from './prng.ts';
import type { Rights } from './rights.ts';
import type { ClusterState } from './state.ts';
import { beatMs } from './timing.ts';

/**
 * Caches computed rows as long as nothing can have changed them: same ten seconds, no mutation, no node just lost from sight.
 * This makes ten thousand rows so fast that a benchmark measures its client.
 */
export class RowCache {
  readonly #entries = new WeakMap<Rights, Map<string, { stamp: string; value: unknown }>>();

  /** The cached value or a new one. What an account sees depends on its rights. */
  get<T>(state: ClusterState, rights: Rights, name: string, compute: () => T): T {
    // Rows that lag change at times of their own.
    if (state.rowLagMs > 0) return compute();
    const stamp = stampOf(state);
    const kept = this.#entries.get(rights) ?? new Map<string, { stamp: string; value: unknown }>();
    this.#entries.set(rights, kept);
    const entry = kept.get(name);
    if (entry?.stamp === stamp) return entry.value as T;
    const value = compute();
    kept.set(name, { stamp, value });
    return value;
  }
}

function stampOf(state: ClusterState): string {
  const now = state.clock.now();
  let lost = '';
  for (const node of state.nodes.values()) {
    if (isStale(node, now)) lost += `,${node.name}`;
  }
  return `${Math.floor(now / beatMs)}|${state.version}|${lost}`;
}

/** A row as JSON text in two halves that may be swapped: a cheap way to change the order of keys. */
export class RowJson {
  readonly #first: string;
  readonly #second: string;

  constructor(row: Record<string, unknown>, order: Random) {
    const keys = order.chance(0.5) ? Object.keys(row) : Object.keys(row).reverse();
    const parts = keys.map(key => `${JSON.stringify(key)}:${JSON.stringify(row[key])}`);
    const at = order.int(1, parts.length - 1);
    this.#first = parts.slice(0, at).join(',');
    this.#second = parts.slice(at).join(',');
  }

  text(order: Random): string {
    return order.next() < 0.5 ? `{${this.#first},${this.#second}}` : `{${this.#second},${this.#first}}`;
  }

  /** The row itself. */
  value(): unknown {
    return JSON.parse(`{${this.#first},${this.#second}}`);
  }
}
