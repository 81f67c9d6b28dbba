import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.ts';
import { authenticate, signIn } from './authenticate.ts';
import type { ClusterCertificates } from './certificates.ts';
import { checkParameters } from './parameters.ts';
import { Random } from './prng.ts';
import type { Account } from './rights.ts';
import { type ApiRequest, Envelope, type Route } from './route.ts';
import { Router } from './router.ts';
import { routes } from './routes/index.ts';
import type { ClusterState } from './state.ts';
import type { Node } from './types.ts';

/** A call as received; its path is relative to `/api2/json` and still percent-encoded. */
export interface ApiCall {
  method: string;
  path: string;
  query: Record<string, string>;
  body: Record<string, string>;
  headers: IncomingHttpHeaders;
}

type Values = Record<string, string>;

/** Files with the options of the datacenter, backup jobs, pools and high availability. */
const SETTINGS_FILES = new Set([
  'file-datacenter_cfg',
  'file-jobs_cfg',
  'file-user_cfg',
  'file-ha_resources_config',
]);

/** Without quorum nothing below `/etc/pve` can be written. A guest's own file has no cluster-wide lock to name. */
function withoutQuorum({ writes }: Route): ApiError {
  return new ApiError(
    500,
    writes === undefined ? 'cluster not ready - no quorum?' : `error with cfs lock '${writes}': no quorum!`,
  );
}

/** Answers calls from the cluster's state: signs in, checks rights and parameters, forwards, runs the route. */
export class Api {
  readonly #router = new Router(routes);
  readonly #state: ClusterState;
  readonly #certificates: ClusterCertificates;
  readonly #authDelayMs: number;
  /** For the order of rows and keys in answers. Separate from the world's, so that reading changes nothing there. */
  readonly order: Random;

  constructor(state: ClusterState, certificates: ClusterCertificates, authDelayMs: number) {
    this.#state = state;
    this.#certificates = certificates;
    this.#authDelayMs = authDelayMs;
    this.order = new Random(state.seed ^ 0x1b873593);
  }

  /**
   * Returns `data` and the keys beside it.
   * @throws ApiError for every refusal
   */
  answer(call: ApiCall, note: (account: string) => void): Record<string, unknown> {
    const state = this.#state;
    state.clock.now();
    if (call.method === 'POST' && call.path.replace(/\/$/, '') === '/access/ticket') {
      return { data: signIn(state, call.body, this.#authDelayMs) };
    }
    const account = authenticate(state, call, this.#authDelayMs);
    note(account.id);
    const found = this.#router.find(call.method, call.path);
    if (found === undefined) {
      throw new ApiError(501, `Method '${call.method} ${decodeURIComponent(call.path)}' not implemented`);
    }
    const { route, values } = found;
    this.#checkRights(route, values, account.rights);
    if (values.node === 'localhost') values.node = this.#entryNode().name;
    const reading = call.method === 'GET';
    if (values.node !== undefined)
      this.#reach(route, values.node, reading ? undefined : () => this.#write(call, account, route, values));
    return reading ? this.#act(call, account, route, values) : this.#write(call, account, route, values);
  }

  /** A write, whose answer is sent only once it is done. */
  #write(call: ApiCall, account: Account, route: Route, values: Values): Record<string, unknown> {
    if (!this.#state.quorate()) throw withoutQuorum(route);
    try {
      return this.#act(call, account, route, values);
    } finally {
      this.#state.version++;
    }
  }

  #act(call: ApiCall, account: Account, route: Route, values: Values): Record<string, unknown> {
    const state = this.#state;
    const { query } = call;
    const body = { ...query, ...call.body };
    if (call.method === 'GET') checkParameters({ rules: route.query ?? {} }, query, values);
    else checkParameters(route.parameters ?? { rules: {} }, body, values);
    const request = {
      state,
      path: values,
      query,
      body,
      account,
      entry: this.#entryNode(),
      certificates: this.#certificates,
      order: this.order,
    };
    const result = this.#noted(request, () => route.answer(request), route);
    const envelope = result instanceof Envelope ? result : new Envelope(result ?? null, {});
    const { data } = envelope;
    const shuffled = Array.isArray(data) && !route.ordered ? this.order.shuffle(data) : data;
    return { data: shuffled, ...envelope.extra };
  }

  /** Records in the truth what a write to one of the cluster's own files changes. */
  #noted<T>({ account }: ApiRequest, answer: () => T, { writes }: Route): T {
    if (writes === undefined || !SETTINGS_FILES.has(writes)) return answer();
    const { truth } = this.#state;
    const cause = { user: account.id, type: 'update' };
    let result: T;
    truth.watch('cluster', cause, () => {
      truth.watchSettings(cause, () => {
        result = answer();
      });
    });
    return result!;
  }

  #checkRights(
    route: Route,
    values: Record<string, string>,
    rights: { has: (path: string, ...p: string[]) => boolean },
  ): void {
    if (route.check === undefined) return;
    const path = route.check.on.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
    if (rights.has(path, ...route.check.privileges)) return;
    throw new ApiError(403, `Permission check failed (${path}, ${route.check.privileges.join('|')})`);
  }

  /** The node that takes calls: the first that can, as if clients used an address that moves with it. */
  #entryNode(): Node {
    const nodes = [...this.#state.nodes.values()];
    return nodes.find(node => node.state === 'online' && node.frozenMs === undefined) ?? nodes[0]!;
  }

  /** Whether the call reaches the node it is about. */
  #reach(route: Route, name: string, write: (() => unknown) | undefined): void {
    const node = this.#state.nodes.get(name);
    if (node === undefined) {
      const problem = `failed to get address info for: ${name}: Temporary failure in name resolution`;
      throw new ApiError(500, `hostname lookup '${name}' failed - ${problem}`);
    }
    if (!route.forwarded) return;
    if (node.state === 'offline') throw new ApiError(595, 'No route to host', { empty: true });
    if (node.frozenMs === undefined) return;
    // A node that hangs has received the request, and continues with it once it no longer hangs.
    if (write !== undefined) node.received = [...(node.received ?? []), write];
    throw new ApiError(596, 'Connection timed out', { empty: true, delayMs: node.frozenMs });
  }
}
