import { type Page, readAnswer } from './answer.ts';
import { type Auth, type Credentials, createAuth } from './auth.ts';
import {
  type Endpoint,
  fillPath,
  fillQuery,
  type PathNames,
  type PathParams,
  type QueryValue,
} from './endpoint.ts';
import { NodeGate, NodePatience } from './node-gate.ts';
import { ProxmoxError } from './proxmox-error.ts';
import type { HttpAnswer } from './request.ts';
import type { TlsFacts } from './tls.ts';
import { type Anchor, Transport, type TransportOptions } from './transport.ts';
import { type ProxmoxWarning, Warnings } from './warnings.ts';

/** Everything needed to talk to a Proxmox VE API. */
export interface ProxmoxOptions extends TransportOptions {
  credentials: Credentials;
}

/** Arguments after the endpoint: path parameters where the path has any, then query and options. */
export type GetArguments<Path extends string, Query extends string> = [PathNames<Path>] extends [never]
  ? [params?: Record<string, never> | undefined, query?: QueryOf<Query>, options?: GetOptions]
  : [params: PathParams<Path>, query?: QueryOf<Query>, options?: GetOptions];

/** Query parameters an endpoint knows. */
export type QueryOf<Query extends string> = { readonly [Name in Query]?: QueryValue } | undefined;

/** Options of one request. */
export interface GetOptions {
  signal?: AbortSignal | undefined;
}

/** Asks endpoints. Every method throws ProxmoxError, or the signal's reason if the caller gave up. */
export interface ProxmoxReader {
  /** The answer's data. */
  get<Path extends string, Query extends string, Answer>(
    endpoint: Endpoint<Path, Query, Answer>,
    ...args: GetArguments<Path, Query>
  ): Promise<Answer>;
  /** The data together with the `total` that PVE sends with task lists and logs. */
  getPage<Path extends string, Query extends string, Answer>(
    endpoint: Endpoint<Path, Query, Answer>,
    ...args: GetArguments<Path, Query>
  ): Promise<Page<Answer>>;
  /** HTTP requests sent, including repeats. */
  readonly calls: number;
  /** What could not be read since the last call. */
  takeWarnings(): ProxmoxWarning[];
}

/**
 * The requests of one discovery: has its own counter and warnings, and asks a node that does not answer only once. All its
 * answers come from the address that answered first: another may lag behind it, or lead to another cluster.
 */
export interface ProxmoxRun extends ProxmoxReader {
  /** Origin that answers this run. */
  readonly baseUrl: string;
  /** Nodes found not to answer, with the error. */
  silentNodes(): Map<string, ProxmoxError>;
}

/** Called for each request: when it is wanted and, however it ended, when it is over. */
export interface RequestObserver {
  requested(): void;
  answered(): void;
}

/** What one discovery adds to its requests. */
export interface RunOptions {
  /** Notified of each request. */
  observer?: RequestObserver;
  /** Applied to the data of every answer before anything else sees it. */
  seal?: (data: unknown) => unknown;
  /** Ends all its requests: each then throws the signal's reason, and says nothing about the address it was sent to. */
  signal?: AbortSignal;
}

/** A connection to one cluster. */
export interface ProxmoxClient extends ProxmoxReader {
  /** Starts the requests of one discovery. */
  run(options?: RunOptions): ProxmoxRun;
  /** Token id or user name. */
  readonly identity: string;
  /** Origin that answered last, such as `https://pve1:8006`. */
  readonly baseUrl: string;
  /** How the connection was verified; undefined before the first one. */
  readonly tls: TlsFacts | undefined;
  /** Server's clock minus ours (ms), to half a second or better; undefined before the first answer. */
  readonly clockOffsetMs: number | undefined;
  close(): void;
}

/** Makes a client; nothing is sent before the first request. @throws UsageError for options that cannot work. */
export function createProxmoxClient(options: ProxmoxOptions): ProxmoxClient {
  const transport = new Transport(options);
  const patience = new NodePatience(transport.timeoutMs / 5, options.now);
  return new Client(createAuth(options.credentials, options.now), transport, patience);
}

class Scope implements ProxmoxRun {
  calls = 0;
  protected readonly auth: Auth;
  protected readonly transport: Transport;
  readonly #gate: NodeGate | undefined;
  readonly #anchor: Anchor | undefined;
  readonly #warnings = new Warnings();
  readonly #options: RunOptions;
  /** The 401 this run got: no other request can succeed, and PVE delays each refusal by 3 s. */
  #refused: ProxmoxError | undefined;

  constructor(auth: Auth, transport: Transport, gate: NodeGate | undefined, options: RunOptions) {
    this.#options = options;
    this.auth = auth;
    this.transport = transport;
    this.#gate = gate;
    this.#anchor = gate && {};
  }

  get baseUrl(): string {
    return this.#anchor?.host?.base.origin ?? this.transport.baseUrl;
  }

  async get<Path extends string, Query extends string, Answer>(
    endpoint: Endpoint<Path, Query, Answer>,
    ...args: GetArguments<Path, Query>
  ): Promise<Answer> {
    return (await this.getPage(endpoint, ...args)).data;
  }

  async getPage<Path extends string, Query extends string, Answer>(
    endpoint: Endpoint<Path, Query, Answer>,
    ...[params, query, options]: GetArguments<Path, Query>
  ): Promise<Page<Answer>> {
    const path = fillPath(endpoint.path, params ?? {}) + fillQuery(query);
    const node = (params as Record<string, string | number> | undefined)?.node;
    const request = async (limit?: AbortSignal) => {
      const signals = [options?.signal, this.#options.signal, limit].filter(signal => signal !== undefined);
      const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
      const answer = await this.#send(path, endpoint.maxBytes, signal);
      return readAnswer(path, answer, endpoint.answer, {
        identity: this.auth.identity,
        seal: this.#options.seal,
        onDropped: dropped =>
          this.#warnings.add(endpoint.path, { ...dropped, row: whose(params, dropped.row) }),
      });
    };
    if (this.#refused !== undefined) throw this.#refused;
    this.#options.observer?.requested();
    try {
      if (this.#gate === undefined || node === undefined) return await request();
      return await this.#gate.pass(String(node), !endpoint.mayHang, request);
    } catch (error) {
      if (this.#gate !== undefined && error instanceof ProxmoxError && error.kind === 'unauthorized')
        this.#refused = error;
      throw error;
    } finally {
      this.#options.observer?.answered();
    }
  }

  silentNodes(): Map<string, ProxmoxError> {
    return this.#gate?.silent() ?? new Map();
  }

  takeWarnings(): ProxmoxWarning[] {
    return this.#warnings.take();
  }

  async #send(
    path: string,
    maxBytes: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const answer = await this.#sendAs(path, maxBytes, signal);
    return answer.status === 401 && this.auth.renew() ? this.#sendAs(path, maxBytes, signal) : answer;
  }

  async #sendAs(
    path: string,
    maxBytes: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const count = () => {
      this.calls++;
    };
    const headers = await this.auth.headers(async form =>
      this.#clean(
        await this.transport.send(
          { method: 'POST', path: '/access/ticket', headers: {}, form },
          count,
          this.#anchor,
        ),
      ),
    );
    return this.#clean(
      await this.transport.send({ method: 'GET', path, headers, signal, maxBytes }, count, this.#anchor),
    );
  }

  /** An error answer may repeat what we sent: no secret may get past this point. */
  #clean(answer: HttpAnswer): HttpAnswer {
    if (answer.status === 200) return answer;
    return { ...answer, reason: this.auth.redact(answer.reason), body: this.auth.redact(answer.body) };
  }
}

/** Names a row of an answer that is one of many: `pve1/101 memory` among the configurations. */
function whose(params: object | undefined, row: string | undefined): string | undefined {
  const of = Object.values(params ?? {}).join('/');
  return of === '' ? row : row === undefined ? of : `${of} ${row}`;
}

class Client extends Scope implements ProxmoxClient {
  readonly #patience: NodePatience;

  constructor(auth: Auth, transport: Transport, patience: NodePatience) {
    super(auth, transport, undefined, {});
    this.#patience = patience;
  }

  run(options: RunOptions = {}): ProxmoxRun {
    return new Scope(this.auth, this.transport, new NodeGate(this.#patience), options);
  }

  get identity(): string {
    return this.auth.identity;
  }

  get tls(): TlsFacts | undefined {
    return this.transport.tls;
  }

  get clockOffsetMs(): number | undefined {
    return this.transport.clockOffsetMs;
  }

  close(): void {
    this.transport.close();
  }
}
