import type { ClusterCertificates } from './certificates.ts';
import type { Random } from './prng.ts';
import type { Account } from './rights.ts';
import type { ClusterState } from './state.ts';
import type { Node } from './types.ts';

/** What a query parameter must look like. */
export interface ParameterRule {
  type?: 'string' | 'integer' | 'boolean';
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  required?: true;
}

/** One request that has passed authentication, rights and parameter checks. */
export interface ApiRequest {
  state: ClusterState;
  /** Values of the path's `{placeholders}`. */
  path: Record<string, string>;
  query: Record<string, string>;
  /** Form or JSON body of a POST. */
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
  method?: 'GET' | 'POST';
  /** Below `/api2/json`, with `{node}`, `{vmid}`, ... */
  path: string;
  /** Allowed query parameters; any other is refused with 400. */
  query?: Record<string, ParameterRule>;
  /** One of `privileges` is needed on `on` (placeholders are filled in), else 403. */
  check?: { on: string; privileges: string[] };
  /** Forwarded to `{node}`: fails when that node does not answer. */
  forwarded?: boolean;
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
