import type { ClusterCertificates } from './certificates.ts';
import type { Random } from './prng.ts';
import type { Account } from './rights.ts';
import type { ClusterState } from './state.ts';
import type { Node } from './types.ts';

/** What a parameter must look like. */
export interface ParameterRule {
  type?: 'string' | 'integer' | 'number' | 'boolean';
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: RegExp;
  /** PVE's own complaint about a text that does not match `pattern`, where it has one. */
  complaint?: (value: string) => string;
  required?: true;
}

/** What a write takes: parameters by name, and those whose names are a family (`net0`, `net1`, ...). */
export interface Parameters {
  rules: Record<string, ParameterRule>;
  family?: (name: string) => ParameterRule | undefined;
}

/** One request that has passed authentication, rights and parameter checks. */
export interface ApiRequest {
  state: ClusterState;
  /** Values of the path's `{placeholders}`. */
  path: Record<string, string>;
  query: Record<string, string>;
  /** Parameters of a write, from its query and its form or JSON body. */
  body: Record<string, string>;
  account: Account;
  /** The node that took the call. */
  entry: Node;
  certificates: ClusterCertificates;
  /** For what PVE sends in another order each time. */
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

/** One endpoint: everything the server needs to know about it. */
export interface Route {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api2/json`, with `{node}`, `{vmid}`, ... */
  path: string;
  /** Allowed query parameters; any other is refused with 400. */
  query?: Record<string, ParameterRule>;
  /** The same for a write, in query or body. */
  parameters?: Parameters;
  /** One of `privileges` is needed on `on` (placeholders are filled in), else 403. */
  check?: { on: string; privileges: string[] };
  /** Forwarded to `{node}`: fails when that node does not answer. */
  forwarded?: boolean;
  /** The lock of the cluster's file that it writes, named where quorum is missing; a guest's own file has none. */
  writes?: string;
  /** Rows keep their order; otherwise they come shuffled, as Perl's hashes do. */
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
