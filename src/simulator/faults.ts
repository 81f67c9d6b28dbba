import { RowJson } from './row-cache.ts';

/** What a fault does to a call, instead of the proper answer or to it. */
export type FaultKind =
  /** Answers `status` (500) with `reason` and, unless `body` is given, no body. */
  | 'status'
  /** 200 with an HTML page, as a reverse proxy's login or error page. */
  | 'html'
  /** Announces the whole body, sends half of it and cuts the connection. */
  | 'truncate'
  /** Cuts the connection without an answer. */
  | 'reset'
  /** The proper answer, `delayMs` (1000) late. */
  | 'slow'
  /** The proper answer in pieces of `bytes` (64) every `delayMs` (10). */
  | 'drip'
  /** `{"data":null}`. */
  | 'nulldata'
  /** A list without its last rows; `keep` (0.5) of them stay. It looks perfectly healthy. */
  | 'cut-list'
  /** 302 to `location`. */
  | 'redirect'
  /** Numbers as strings, strings as numbers, lists as objects: nothing has the right type. */
  | 'wrong-types'
  /** The proper answer changed by `alter`: a row with an odd value, the format of another version. */
  | 'alter'
  /** `bytes` (64 MiB) of valid JSON. */
  | 'huge';

/** A fault to inject. */
export interface Fault {
  /** The exact path below `/api2/json` without the query, or a pattern for it. */
  match: string | RegExp;
  kind: FaultKind;
  /** Affects only calls of this method. */
  method?: string;
  /** The call takes effect, and only its answer is affected: a write whose outcome its sender never learns. */
  acts?: true;
  /** Number of calls it affects before it is removed; unlimited by default. */
  times?: number;
  /** Number of calls it lets pass first. */
  after?: number;
  status?: number;
  reason?: string;
  body?: string;
  delayMs?: number;
  bytes?: number;
  keep?: number;
  location?: string;
  /** Receives a copy of the answer's data to change in place, or to replace by the return value unless that is undefined. */
  alter?: (data: never) => unknown;
}

/** The active faults; the first that matches a call takes effect. */
export class Faults {
  #planted: { fault: Fault; left: number; pass: number }[] = [];

  /** Injects a fault and returns a function that removes it. */
  add(fault: Fault): () => void {
    const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY, pass: fault.after ?? 0 };
    this.#planted.push(entry);
    return () => {
      this.#planted = this.#planted.filter(other => other !== entry);
    };
  }

  /** Removes every fault. */
  clear(): void {
    this.#planted = [];
  }

  /** The fault for a call of this path, counted as used. */
  take(path: string, method = 'GET'): Fault | undefined {
    for (const entry of this.#planted) {
      const { match } = entry.fault;
      if ((entry.fault.method ?? method) !== method) continue;
      if (typeof match === 'string' ? match !== path : !match.test(path)) continue;
      if (entry.pass > 0) {
        entry.pass--;
        continue;
      }
      if (entry.left <= 0) continue;
      entry.left--;
      return entry.fault;
    }
    return undefined;
  }
}

/** The same data with every type wrong. */
export function withWrongTypes(value: unknown, depth = 0): unknown {
  if (typeof value === 'number') return depth > 2 ? { number: value } : `n${value}`;
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) {
    if (depth === 0) return value.map(row => withWrongTypes(row, depth + 1));
    return Object.fromEntries(value.map((row, i) => [String(i), withWrongTypes(row, depth + 1)]));
  }
  if (value === null || typeof value !== 'object') return [value];
  if (value instanceof RowJson) return withWrongTypes(value.value(), depth);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withWrongTypes(inner, depth + 1)]),
  );
}
