import type { ClusterCertificates } from './certificates.ts';
import type { Random } from './prng.ts';
import type { Account } from './rights.ts';
import type { ClusterState } from './state.ts';
import type { Node } from './types.ts';

/** The form of a parameter. */
export interface ParameterRule {
  type?: 'string' | 'integer' | 'number' | 'boolean';
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: RegExp;
  /** PVE's own message for a text that does not match `pattern`, if it has one. */
  complaint?: (value: string) => string;
  required?: true;
}

/** The parameters of a write: by name, and by family (`net0`, `net1`, ...). */
export interface Parameters {
  rules: Record<string, ParameterRule>;
  family?: (name: string) => ParameterRule | undefined;
}

/** A request that has passed authentication, rights and parameter checks. */
export interface ApiRequest {
  state: ClusterState;
  /** Values of the path's `{placeholders}`. */
  path: Record<string, string>;
  query: Record<string, string>;
  /** Parameters of a write, from its query and its form or JSON body. */
  body: Record<string, string>;
  account: Account;
  /** The node that received the call. */
  entry: Node;
  certificates: ClusterCertificates;
  /** Randomness for what PVE sends in a different order each time. */
  order: Random;
}

/** An answer with keys beside `data`. */
export class Envelope {
  readonly data: unknown;
  readonly extra: Record<string, unknown>;

  constructor(data: unknown, extra: Record<string, unknown>) {
    this.data = data;
    this.extra = extra;
  }
}

/** An endpoint: everything the server needs to know about it. */
export interface Route {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api2/json`, with `{node}`, `{vmid}`, ... */
  path: string;
  /** Allowed query parameters; any other is refused with 400. */
  query?: Record<string, ParameterRule>;
  /** The same for a write, in query or body. */
  parameters?: Parameters;
  /** One of `privileges` is needed on `on` (after filling in placeholders), else 403. */
  check?: { on: string; privileges: string[] };
  /** Forwarded to `{node}`, so it fails if that node does not answer. */
  forwarded?: boolean;
  /** The lock of the cluster file it writes, which errors without quorum name; a guest's own file has none. */
  writes?: string;
  /** Rows keep their order; otherwise they are shuffled, like Perl's hashes. */
  ordered?: boolean;
  answer: (request: ApiRequest) => unknown;
}

/** The node a route's `{node}` names. */
export function nodeOf({ state, path }: ApiRequest): Node {
  return state.node(path.node!);
}

/** The same list in another order, joined as PVE writes lists in strings. */
export function commaList(order: Random, values: readonly string[]): string {
  return order.shuffle(values).join(',');
}
