import { RowJson } from './row-cache.ts';

/** What a fault does to a call instead of, or on top of, its proper answer. */
export type FaultKind =
  /** Answers `status` (500) with `reason` and, unless `body` is given, no body. */
  | 'status'
  /** 200 with an HTML page, as a reverse proxy's login or error page. */
  | 'html'
  /** Announces the whole body, sends half, cuts the connection. */
  | 'truncate'
  /** Cuts the connection without an answer. */
  | 'reset'
  /** The proper answer, `delayMs` (1000) late. */
  | 'slow'
  /** The proper answer in pieces of `bytes` (64) every `delayMs` (10). */
  | 'drip'
  /** `{"data":null}`. */
  | 'nulldata'
  /** A list that lacks its last rows; `keep` (0.5) of them stay. Looks perfectly healthy. */
  | 'cut-list'
  /** 302 to `location`. */
  | 'redirect'
  /** Numbers as strings, strings as numbers, lists as objects: nothing has the type it should have. */
  | 'wrong-types'
  /** The proper answer as `alter` makes it: a row with an odd value, the form of another version. */
  | 'alter'
  /** `bytes` (64 MiB) of valid JSON. */
  | 'huge';

/** A fault to plant. */
export interface Fault {
  /** The path below `/api2/json` without query, exactly, or a pattern for it. */
  match: string | RegExp;
  kind: FaultKind;
  /** Strikes only calls of this method. */
  method?: string;
  /** The call is acted on, and only its answer struck: a write whose outcome its sender never learns. */
  acts?: true;
  /** Calls it strikes before it is gone; without it, until removed. */
  times?: number;
  /** Calls it lets pass first. */
  after?: number;
  status?: number;
  reason?: string;
  body?: string;
  delayMs?: number;
  bytes?: number;
  keep?: number;
  location?: string;
  /** Gets a copy of the answer's data, to change in place, or to replace by what it returns unless that is undefined. */
  alter?: (data: never) => unknown;
}

/** The faults planted at present; the first that matches a call strikes. */
export class Faults {
  #planted: { fault: Fault; left: number; pass: number }[] = [];

  /** Plants a fault and returns what takes it out again. */
  add(fault: Fault): () => void {
    const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY, pass: fault.after ?? 0 };
    this.#planted.push(entry);
    return () => {
      this.#planted = this.#planted.filter(other => other !== entry);
    };
  }

  /** Takes every fault out. */
  clear(): void {
    this.#planted = [];
  }

  /** The fault that strikes a call of this path, counted as used. */
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
